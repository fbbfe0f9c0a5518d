#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// npm run vm -- KERNEL [command]: boot one kernel, run a command in it, pass on its output and exit status.

import { parseArgs } from 'node:util';
import { runCell } from './cell.mjs';
import { Fault } from './fault.mjs';
import { onInterrupt } from './interrupt.mjs';
import { KERNELS } from './kernels.mjs';
import { PARAMETER_SETS } from './matrix.mjs';
import { inOneLine, runSuites } from './suites.mjs';
import { LONGEST, PATIENCE } from './watchdog.mjs';

const USAGE = `usage: npm run vm -- [options] KERNEL[+SET]... [command...]

KERNEL   ${[...KERNELS.keys()].join(', ')}, or the path of a bzImage
SET      ${[...PARAMETER_SETS.keys()].join(', ')}
command  runs with sh in the working tree (read-only); without one, the kernel test suites run

  --append TEXT   further kernel parameters
  --shell         a shell in the machine; leave it to end the machine
  --boot S        seconds until the machine must be up (${PATIENCE.boot})
  --silence S     seconds without output after which it counts as hung (${PATIENCE.silence})
  --limit S       seconds for everything (${PATIENCE.limit})

The exit status is the command's; 124 when the kernel or the machine went wrong, 125 when it could not be started.`;

const OPTIONS = /** @type {const} */ ({
  append: { type: 'string' },
  shell: { type: 'boolean' },
  boot: { type: 'string' },
  silence: { type: 'string' },
  limit: { type: 'string' },
  help: { type: 'boolean' },
});

const interrupt = onInterrupt();

async function main() {
  const [own, words] = splitCommand(process.argv.slice(2));
  const { values, positionals } = parseArgs({ args: own, options: OPTIONS, allowPositionals: true });
  const [cell] = positionals;
  if (values.help || cell === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return values.help ? 0 : 125;
  }
  const options = {
    append: values.append,
    patience: patienceFrom(values),
    signal: interrupt.signal,
    onOutput: (bytes) => process.stdout.write(bytes),
  };
  if (!values.shell && words.length === 0) return suitesIn(cell, options);
  const outcome = values.shell
    ? await withTerminal((input) =>
        runCell(cell, interactiveShell(), { ...options, input, patience: FOR_PEOPLE }),
      )
    : await runCell(cell, words.join(' '), options);
  if (outcome.faults.length === 0) return outcome.status;
  process.stderr.write(`${outcome.lastLines}\n\n${cell}: ${[...new Set(outcome.faults)].join('\n  ')}\n`);
  return 124;
}

async function suitesIn(cell, options) {
  const verdict = await runSuites(cell, options);
  if (verdict.problems.length > 0)
    process.stderr.write(`${verdict.lastLines}\n\n  ${verdict.problems.join('\n  ')}\n`);
  process.stdout.write(`${inOneLine(verdict)}\n`);
  return verdict.problems.length === 0 ? 0 : 1;
}

/** The command begins at the second word that is no option of ours: its own options are not ours to read. */
function splitCommand(args) {
  const { tokens } = parseArgs({
    args,
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const begin = tokens.filter(({ kind }) => kind === 'positional')[1]?.index ?? args.length;
  return [args.slice(0, begin), args.slice(begin)];
}

/** A person may think for as long as they like. */
const FOR_PEOPLE = { silence: 86_400, limit: 86_400 };

function interactiveShell() {
  const { rows = 24, columns = 80 } = process.stdout;
  return `unset CI NO_COLOR; export TERM='${process.env.TERM ?? 'vt100'}'
stty -F /dev/ttyS1 sane rows ${rows} cols ${columns}
echo '{"event":"input"}' > $SLUICE_VM_REPORT
exec setsid -w -c bash -i < /dev/ttyS1`;
}

async function withTerminal(run) {
  const { stdin } = process;
  stdin.setRawMode?.(true);
  try {
    return await run(stdin);
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
  }
}

function patienceFrom(values) {
  const patience = {};
  for (const key of /** @type {const} */ (['boot', 'silence', 'limit'])) {
    if (values[key] === undefined) continue;
    const seconds = Number(values[key]);
    if (!(seconds > 0)) throw new Fault(`--${key} wants a number of seconds, not '${values[key]}'.`);
    if (seconds > LONGEST)
      throw new Fault(
        `--${key} takes at most ${LONGEST} seconds (24 days), not '${values[key]}'. Give fewer.`,
      );
    patience[key] = seconds;
  }
  return patience;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof Fault || interrupt.status() !== undefined) process.stderr.write(`${error.message}\n`);
  else if (error?.code?.startsWith('ERR_PARSE_ARGS')) process.stderr.write(`${error.message}\n\n${USAGE}\n`);
  else throw error;
  process.exitCode = interrupt.status() ?? 125;
}
