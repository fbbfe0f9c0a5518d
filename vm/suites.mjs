// SPDX-License-Identifier: Apache-2.0
// The kernel test suites in one cell, with what probe() said held against the table: passed or not, and why.

import { runCell } from './cell.mjs';
import { differences, EXPECTED } from './expect.mjs';
import { transformSuites } from './transform.mjs';
import { isSilence } from './watchdog.mjs';

/**
 * @typedef {object} Verdict
 * @property {string} cell
 * @property {string[]} problems empty where everything passed
 * @property {string} lastLines end of the console
 * @property {object | undefined} probe the report of probe()
 * @property {{ passed: number, skipped: number } | undefined} tests
 * @property {number} seconds
 * @property {boolean} [again] of a second boot, after a first that fell silent
 */

/**
 * What a machine runs. It is told whether its kernel must serve only where the table has a row: nothing is known of an
 * image of one's own, or of parameters that the matrix does not put together.
 *
 * @param {string} cell
 * @returns {string} for sh
 */
export function suiteCommand(cell) {
  const expected = EXPECTED.get(cell);
  const bpf = expected && (expected['backends.bpf.available'] === false ? 'refused' : 'served');
  return `SLUICE_SHARE=0.1 ${bpf ? `SLUICE_BPF=${bpf} ` : ''}exec node vm/suite.mjs`;
}

/**
 * @param {string} cell
 * @param {Partial<import('./boot.mjs').Job>} options
 * @returns {Promise<Verdict>}
 */
export async function runSuites(cell, options) {
  await transformSuites();
  const expected = EXPECTED.get(cell);
  const outcome = await runCell(cell, suiteCommand(cell), options);
  const told = (event) => outcome.reports.find((report) => report.event === event)?.value;
  const probe = told('probe');
  const tests = told('tests');

  const problems = [...new Set(outcome.faults)];
  if (outcome.status !== undefined && outcome.status !== 0) problems.push(`exit status ${outcome.status}`);
  if (!probe) problems.push('sluice probe gave no report');
  else if (expected) problems.push(...differences(expected, probe));
  if (tests?.passed === 0) problems.push('no kernel test ran');
  return { cell, problems, lastLines: outcome.lastLines, probe, tests, seconds: outcome.seconds };
}

/**
 * An emulated machine on a busy host can stall as a whole, so one that fell silent is booted once more, and the second
 * verdict counts, and says which it is. One whose tests failed is not: whatever fails now and then is to be seen.
 *
 * @param {() => Promise<Verdict>} run
 * @returns {Promise<Verdict>}
 */
export async function againIfSilent(run) {
  const verdict = await run();
  return verdict.problems.some(isSilence) ? { ...(await run()), again: true } : verdict;
}

/** @param {Verdict} verdict */
export function inOneLine({ cell, problems, probe, tests, seconds, again }) {
  const state = problems.length === 0 ? 'ok  ' : 'FAIL';
  const counts = tests ? `${tests.passed} passed, ${tests.skipped} skipped` : 'no result';
  const release = String(probe?.kernel.release ?? '?');
  const boot = again ? ', on the second boot: the first fell silent' : '';
  return `${state} ${cell.padEnd(18)} ${release.padEnd(30)} ${counts}, ${seconds.toFixed(0)} s${boot}`;
}
