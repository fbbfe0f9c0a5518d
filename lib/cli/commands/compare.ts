/** `sluice compare`: which engine is the faster one on these files, and whether they agree. */

import { statSync } from 'node:fs';
import { type Command, createCommand, InvalidArgumentError } from 'commander';
import type { AlgorithmName } from '../../engine/algorithms.js';
import { calibration } from '../../engine/calibration.js';
import { kernelEngine } from '../../engine/taps/pipe.js';
import { SluiceError } from '../../errors/errors.js';
import { MiB } from '../../measure/binary-size.js';
import { calibrate } from '../../measure/calibrate.js';
import { machine } from '../../measure/machine.js';
import { DifferingValuesError } from '../../measure/rounds.js';
import { loadSuite } from '../../measure/suite.js';
import { machineWarnings } from '../../measure/warnings.js';
import { algorithmOption } from '../options.js';
import { compareFile, formatComparison, type Row } from '../output/comparison.js';
import { quoteName } from '../output/quote.js';
import { statusLine } from '../output/status-line.js';
import { complain, interruptSignal } from '../output/terminal.js';

const help = `
Each FILE is read once, so that it is cached, then in rounds: a plain read, and each algorithm in user space and in the
kernel, one after the other, on one thread. The numbers are medians over the rounds; the ratios are formed within a
round, so that whatever else the machine does falls on all alike. C programs with libdeflate, and with isa-l where it is
installed, are measured too, with the buffer that suits them. At the end, and only the first time, small files are
measured for a moment: from then on engine 'auto' knows which one to take.

With --observe each FILE is a folder instead. Files are made in it, and removed at the end, while nobody observes it, while
'sluice observe' does by each of its methods, and while files are read once more after they were written: what that costs
the writer and the observer together, and how soon there is a value. The options for files mean nothing then.

Examples:
  sluice compare /storage/file
  sluice compare -a adler32,crc32c --rounds 20 --json /storage/file
  sluice compare --observe /storage

Exit status: 0; 1 if a FILE could not be summed or the engines disagree; 2 the command line is wrong; 130
interrupted.`;

interface Options {
  algorithm?: AlgorithmName[];
  rounds?: number;
  json?: true;
  observe?: true;
}

function countOfRounds(text: string): number {
  const rounds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(rounds >= 1 && rounds <= 10_000)) {
    throw new InvalidArgumentError('It is a whole number from 1 to 10000.');
  }
  return rounds;
}

/** What can't be looked at, or is no file, is told of by those who read it. */
function isEmpty(file: string): boolean {
  try {
    const stats = statSync(file);
    return stats.isFile() && stats.size === 0;
  } catch {
    return false;
  }
}

async function compareAll(
  files: readonly string[],
  options: Options,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const file of files) {
    try {
      if (isEmpty(file)) {
        throw new SluiceError('ERR_SLUICE_OPTION', `${file} is empty, so there is nothing to measure`, {
          path: file,
          remedy: 'Name a file that is not empty.',
        });
      }
      const comparison = await compareFile(file, options.algorithm ?? ['adler32'], {
        rounds: options.rounds,
        signal,
        onProgress: ({ name, round, rounds }) => {
          const count = rounds === undefined ? `round ${round}` : `round ${round} of ${rounds}`;
          say(`${quoteName(file)}: ${round === 0 ? 'warming up' : count}, ${name}`);
        },
      });
      say('');
      rows.push(...comparison.rows);
      if (!options.json) process.stdout.write(formatComparison(comparison));
      for (const algorithm of comparison.differing) {
        complain(
          `THE ENGINES DISAGREE on the ${algorithm} of ${quoteName(file)}. One of them is wrong: report this, with the output of 'sluice probe'.`,
        );
        process.exitCode = 1;
      }
    } catch (error) {
      say('');
      if (signal.aborted)
        throw new SluiceError('ERR_SLUICE_ABORTED', 'The comparison was abandoned', { cause: error });
      const known = error instanceof SluiceError || error instanceof DifferingValuesError;
      if (!known) throw error;
      complain(error instanceof SluiceError ? error : error.message);
      process.exitCode = 1;
    }
  }
  return rows;
}

/** What `sluice bench --quick` measures of observing, on files that are large enough for it. */
async function compareObservers(
  folders: readonly string[],
  json: boolean,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<void> {
  const { runSuite } = await loadSuite();
  for (const folder of folders) {
    const options = {
      folder,
      size: 256 * MiB,
      quick: true,
      only: 'observe',
      signal,
      onProgress: say,
    } as const;
    const report = await runSuite(options).finally(() => say(''));
    process.stdout.write(json ? report.json : report.text);
  }
}

/** For `auto` in programs and commands to come, unless it is known already or there is nothing to choose from. */
async function calibrateOnce(signal: AbortSignal, say: (text: string) => void): Promise<void> {
  if (calibration() || !kernelEngine().available) return;
  say("measuring small files, for engine 'auto'");
  try {
    await calibrate({ signal }).finally(() => say(''));
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code === 'ERR_SLUICE_ABORTED') throw error;
    // What was asked for is done; only `auto` stays with user space.
    complain(error);
  }
}

export function compareCommand(): Command {
  return createCommand('compare')
    .description('measure the engines on files: speed, CPU time, and whether their values agree')
    .argument('<FILE...>', 'regular files')
    .addOption(algorithmOption('adler32'))
    .option(
      '--rounds <N>',
      'how many rounds (default: from 5 to 40, until the ratios are steady)',
      countOfRounds,
    )
    .option('--json', 'print the rows as a JSON array')
    .option('--observe', 'measure what observing a folder costs; some two minutes')
    .addHelpText('after', help)
    .action(async (files: string[], options: Options) => {
      const signal = interruptSignal();
      // Written between the samples, never by a timer: that would run on the cores during what is measured.
      const say = statusLine();
      if (options.observe) return compareObservers(files, options.json === true, signal, say);
      const warnings = machineWarnings(machine('/'));
      const rows = await compareAll(files, options, signal, say);
      if (options.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      if (rows.length === 0) return;
      if (!options.json) process.stdout.write(warnings.map((each) => `Note: ${each}\n`).join(''));
      await calibrateOnce(signal, say);
    });
}
