// SPDX-License-Identifier: Apache-2.0
// The matrix: which kernels are booted with which parameters, and how a cell's name reads (`6.12+preempt`).

import { Fault } from './fault.mjs';

/**
 * @typedef {object} ParameterSet
 * @property {string} [append] kernel parameters
 * @property {string} [prepare] shell text run before the command
 * @property {string} [launcher] program and options that start the command
 */

/** @type {ReadonlyMap<string, ParameterSet>} */
export const PARAMETER_SETS = new Map([
  ['preempt', { append: 'preempt=full' }],
  ['lockdown', { append: 'lockdown=confidentiality' }],
  ['no-btf', { prepare: 'mount -t tmpfs tmpfs /sys/kernel/btf' }],
  [
    'unprivileged',
    {
      prepare: 'echo 2 > /proc/sys/kernel/unprivileged_bpf_disabled',
      launcher: 'setpriv --reuid=65534 --regid=65534 --clear-groups --',
    },
  ],
]);

/** Every boot of `npm run vm:all`. 5.10 and older have no run-time choice of the preemption model. */
export const MATRIX = [
  ...['5.10', '6.1', '6.12', 'newest'],
  ...['6.1+preempt', '6.12+preempt', 'newest+preempt'],
  ...['6.12+lockdown', '6.12+no-btf', '6.12+unprivileged'],
];

/** vitest with the kernel suites, from the root of the tree; its command comes next. */
export const VITEST = [
  'node_modules/vitest/vitest.mjs',
  // The default loader writes beside the configuration, and in a machine the tree is read-only.
  ...['--config=vitest.kernel.config.ts', '--configLoader=runner'],
];

/**
 * Which tests a cell runs; none named: all. Each kernel runs everything once; its other boots run what their parameters
 * can change: where the engine is refused, that is the reason.
 *
 * @param {string} cell
 * @returns {string[]}
 */
export function suitesOf(cell) {
  if (cell.includes('+preempt'))
    return ['test/kernel', 'test/libbpf/program', 'test/relay/changing', 'test/observe/random'];
  if (cell.includes('+')) return ['test/kernel'];
  return [];
}

/**
 * @param {string} cell kernel, then parameter sets, joined with `+`
 * @returns {{ kernel: string, append: string, prepare: string[], launchers: string[] }}
 * @throws {Fault} for an unknown parameter set
 */
export function parseCell(cell) {
  // The path of an image may contain a plus sign of its own (a release like 6.12.1+).
  const [kernel, ...names] = cell.includes('/') ? [cell] : cell.split('+');
  const sets = names.map((name) => {
    const set = PARAMETER_SETS.get(name);
    if (!set)
      throw new Fault(`Unknown parameter set '${name}'. Known are ${[...PARAMETER_SETS.keys()].join(', ')}.`);
    return set;
  });
  const all = (key) => sets.map((set) => set[key]).filter((text) => text !== undefined);
  return { kernel, append: all('append').join(' '), prepare: all('prepare'), launchers: all('launcher') };
}
