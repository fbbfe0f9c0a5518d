#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// npm run vm:all [CELL...]: the kernel test suites on the whole matrix, or some cells of it, one boot after the
// other. A run of the whole matrix in which all is well writes docs/kernels.md.

import { mkdirSync, writeFileSync } from 'node:fs';
import { Fault } from './fault.mjs';
import { onInterrupt } from './interrupt.mjs';
import { kernelTable } from './kernel-table.mjs';
import { MATRIX, parseCell } from './matrix.mjs';
import { againIfSilent, inOneLine, runSuites } from './suites.mjs';

const TABLE = new URL('../../docs/kernels.md', import.meta.url);

const interrupt = onInterrupt();

/** @param {string} cell */
async function run(cell) {
  const verdict = await runSuites(cell, {
    signal: interrupt.signal,
    onOutput: (bytes) => process.stdout.write(bytes),
  });
  if (verdict.problems.length > 0) {
    process.stdout.write(`${verdict.lastLines}\n${cell}:\n  ${verdict.problems.join('\n  ')}\n`);
  }
  return verdict;
}

async function main() {
  const chosen = process.argv.slice(2);
  const cells = chosen.length > 0 ? chosen : MATRIX;
  cells.forEach(parseCell);
  const verdicts = [];
  for (const cell of cells) {
    process.stdout.write(`\n== ${cell}\n`);
    verdicts.push(await againIfSilent(() => run(cell)));
  }
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
