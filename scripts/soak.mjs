#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// npm run soak -- NAME: tests and measurements that take too long for every change.

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const ON_PROGRAMS = 'test/observe/random.test.ts';
const ON_ATTRIBUTES = 'test/observe/every-change.test.ts';
const ON_OBSERVATIONS = 'test/observe/stress.test.ts';

/** Seconds for a machine to boot, and for its last rounds to end. */
const SPARE = 600;

/** The console is left alone: what was printed before a machine went down is not lost. */
const VITEST = ['node_modules/vitest/vitest.mjs', 'run', '--disable-console-intercept', '--test-timeout=0'];

const CELLS = ['6.1', '6.12', 'newest', '6.1+preempt', '6.12+preempt', 'newest+preempt'];

/** As `npm run vm` takes it. */
function inMachine(cell, minutes, variables) {
  const limit = String(60 * minutes + SPARE);
  const settings = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const config = ['--config=vitest.kernel.config.ts', '--configLoader=runner'];
  return ['vm/vm.mjs', '--limit', limit, cell, ...settings, 'node', ...VITEST, ...config, ON_PROGRAMS];
}

/**
 * @typedef {object} Run
 * @property {string} what
 * @property {number} [minutes] how long it takes, where that can be chosen
 * @property {(minutes: number, seed: Record<string, string>) => string[][]} commands arguments of node
 *
 * @type {ReadonlyMap<string, Run>}
 */
const RUNS = new Map([
  [
    'relay-random',
    {
      what: 'relays with peers that stall, go away, or are given up',
      minutes: 30,
      commands: () => [[...VITEST, 'test/relay/random.test.ts']],
    },
  ],
  [
    'observe-random',
    {
      what: 'files that many processes change at random: what the programs know of them, and their attributes',
      minutes: 30,
      commands: () => [[...VITEST, ON_PROGRAMS, ON_ATTRIBUTES]],
    },
  ],
  [
    'observe-stress',
    {
      what: 'an observation of files on which several processes do all that can be done',
      minutes: 30,
      commands: () => [[...VITEST, ON_OBSERVATIONS]],
    },
  ],
  [
    'observe-machines',
    {
      what: `what the programs know of such files on ext4, xfs and tmpfs, in machines: ${CELLS.join(', ')}`,
      minutes: 60,
      commands: (minutes, seed) => {
        const each = minutes / CELLS.length;
        return CELLS.map((cell) => inMachine(cell, each, { SLUICE_MINUTES: String(each), ...seed }));
      },
    },
  ],
  [
    'bench',
    {
      what: 'the whole suite of measurements, on /var/tmp; about half an hour; the report is in bench-report',
      commands: () => [['dist/cli/main.js', 'bench', '--dir', '/var/tmp', '--report', 'bench-report']],
    },
  ],
]);

const USAGE = `usage: npm run soak -- NAME [--minutes N] [--seed N]

${[...RUNS].map(([name, { what, minutes }]) => `  ${name.padEnd(18)}${what}${minutes ? ` (${minutes} minutes)` : ''}`).join('\n')}

Rounds go on until the time is over or one of them finds something wrong. Each prints its seed; --seed begins with that one:
the same bytes and operations, though not at the same moments. Run npm run build before.
`;

/** The number of an option, which is at least as much. */
function numberOf(text, option, least) {
  const number = Number(text);
  if (text.trim() === '' || !(number >= least && number < Number.POSITIVE_INFINITY))
    throw new Error(`--${option} takes a number, not '${text}'.`);
  return number;
}

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { minutes: { type: 'string' }, seed: { type: 'string' } },
  });
  const [name] = positionals;
  if (name === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const run = RUNS.get(name);
  if (!run) throw new Error(`There is no run '${name}'. There are ${[...RUNS.keys()].join(', ')}.`);
  if (values.minutes !== undefined && !run.minutes)
    throw new Error(`'${name}' takes as long as it takes: leave out --minutes.`);
  const minutes = numberOf(values.minutes ?? String(run.minutes ?? 0), 'minutes', 0);
  const seed = values.seed === undefined ? {} : { SLUICE_SEED: String(numberOf(values.seed, 'seed', 0)) };
  const env = { ...process.env, SLUICE_MINUTES: String(minutes), ...seed };
  for (const command of run.commands(minutes, seed)) {
    const { status } = spawnSync(process.execPath, command, { stdio: 'inherit', env });
    if (status !== 0) return status ?? 1;
  }
  return 0;
}

try {
  process.exitCode = main();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
