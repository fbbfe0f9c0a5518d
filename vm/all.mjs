#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// npm run vm:all [CELL...]: the kernel test suites on the whole matrix, or some cells of it. A run of the whole matrix
// in which all is well writes docs/kernels.md.

import { mkdirSync, writeFileSync } from 'node:fs';
import { CACHE } from './cell.mjs';
import { Fault } from './fault.mjs';
import { onInterrupt } from './interrupt.mjs';
import { kernelTable } from './kernel-table.mjs';
import { resolveKernel } from './kernels.mjs';
import { LabelledLines } from './labelled-lines.mjs';
import { MATRIX, parseCell } from './matrix.mjs';
import { againIfSilent, inOneLine, runSuites } from './suites.mjs';

const TABLE = new URL('../docs/kernels.md', import.meta.url);
/** While it boots, and while Node starts, a machine has use for one of its two CPUs: two machines fill two cores. */
const AT_ONCE = 2;

const interrupt = onInterrupt();

/** @param {string} cell */
async function run(cell) {
  const output = new LabelledLines(cell, process.stdout);
  const verdict = await runSuites(cell, {
    signal: interrupt.signal,
    onOutput: (bytes) => output.write(bytes),
  });
  output.end();
  if (verdict.problems.length > 0) {
    process.stdout.write(`${verdict.lastLines}\n${cell}:\n  ${verdict.problems.join('\n  ')}\n`);
  }
  return verdict;
}

/** The verdicts in the order of the cells. */
async function runAll(cells) {
  const verdicts = [];
  const left = cells.entries();
  const runs = Array.from({ length: AT_ONCE }, async () => {
    for (const [i, cell] of left) verdicts[i] = await againIfSilent(() => run(cell));
  });
  // All of them, failed or not: a machine that still runs is to be stopped in order.
  const failed = (await Promise.allSettled(runs)).find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
  return verdicts;
}

async function main() {
  const chosen = process.argv.slice(2);
  const cells = chosen.length > 0 ? chosen : MATRIX;
  // One after the other, and before any boot: two machines may want the same kernel, which is fetched once.
  for (const kernel of new Set(cells.map((cell) => parseCell(cell).kernel)))
    await resolveKernel(kernel, CACHE);
  const verdicts = await runAll(cells);
  process.stdout.write(`\n${verdicts.map(inOneLine).join('\n')}\n`);
  if (verdicts.some(({ problems }) => problems.length > 0)) return 1;
  if (chosen.length === 0) {
    mkdirSync(new URL('.', TABLE), { recursive: true });
    writeFileSync(TABLE, kernelTable(verdicts));
  }
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Fault) && interrupt.status() === undefined) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = interrupt.status() ?? 125;
}
