/** `sluice bench`: measures everything on a folder's file system, and writes a report. */

import { accessSync, constants, opendirSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, createCommand, InvalidArgumentError } from 'commander';
import { isNoFolder, isThere, isTooLong, leadsNowhere } from '../../errors/errno.js';
import { SluiceError } from '../../errors/errors.js';
import { makeFolders } from '../../files/make-folders.js';
import { openFailure } from '../../files/xattr/open.js';
import { fileError } from '../../measure/file-error.js';
import { DifferingValuesError } from '../../measure/rounds.js';
import { loadSuite, type SuiteOptions, type SuiteReport } from '../../measure/suite.js';
import { minutely, statusLine } from '../output/status-line.js';
import { complain, interruptSignal } from '../output/terminal.js';

const help = `
Files are made in a new folder within --dir, and removed at the end. The report is report.html for people and
report.json, in hyperfine's shape with times in nanoseconds, for programs. Without --quick it takes about half an hour.
It also measures what engine 'auto' will take from now on.

Examples:
  sluice bench --quick
  sluice bench --dir /storage --report /tmp/bench --size 4G

Exit status: 0; 1 something could not be measured or written; 2 the command line is wrong; 130 interrupted.`;

interface Options {
  dir: string;
  report?: string;
  size?: number;
  quick?: boolean;
}

const quickSize = 64 * 2 ** 20;
const fullSize = 2 ** 30;

function sizeInBytes(text: string): number {
  const [, digits, unit] = /^(\d+)([KMGT]?)$/.exec(text) ?? [];
  const bytes = Number(digits) * 1024 ** ' KMGT'.indexOf(unit || ' ');
  if (digits === undefined || bytes < 2 ** 20 || !Number.isSafeInteger(bytes)) {
    throw new InvalidArgumentError('It is a number of bytes, or like 512M or 4G, and no less than 1M.');
  }
  return bytes;
}

function noFolder(path: string, option: string, reason = `${path} is no folder`): SluiceError {
  return new SluiceError('ERR_SLUICE_OPTION', reason, { path, remedy: `Name a folder with ${option}.` });
}

function makeReportFolder(folder: string): void {
  try {
    makeFolders(resolve(folder));
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (isThere(error) || isNoFolder(error)) throw noFolder(folder, '--report');
    if (!leadsNowhere(error) && !isTooLong(error)) throw fileError(error, folder);
    throw new SluiceError('ERR_SLUICE_OPTION', `The folder ${folder} can't be made (${code})`, {
      path: folder,
      remedy: 'Name another folder with --report.',
    });
  }
}

function checkFolder(folder: string): void {
  try {
    opendirSync(folder).closeSync();
  } catch (error) {
    if (isNoFolder(error)) throw noFolder(folder, '--dir');
    const failure = openFailure(error, folder);
    if (failure.code === 'ERR_SLUICE_NOT_FOUND') throw noFolder(folder, '--dir', failure.reason);
    throw failure;
  }
}

async function measure(options: SuiteOptions): Promise<SuiteReport | undefined> {
  const { runSuite } = await loadSuite();
  try {
    return await runSuite(options);
  } catch (error) {
    if (!(error instanceof DifferingValuesError)) throw error;
    complain(`${error.message}. One of them is wrong: report this, with the output of 'sluice probe'.`);
    process.exitCode = 1;
    return undefined;
  }
}

export function benchCommand(): Command {
  return createCommand('bench')
    .description('measure this machine: all engines, algorithms and sizes, and what else there is')
    .option('--dir <DIR>', 'folder on the file system to measure', '.')
    .option('--report <DIR>', 'folder for report.html and report.json (default: none is written)')
    .option(
      '--size <BYTES>',
      'of the largest file, such as 4G (default: 1G, or 64M with --quick)',
      sizeInBytes,
    )
    .option('--quick', 'some three minutes: smaller files, fewer rounds')
    .addHelpText('after', help)
    .action(async ({ dir, report: target, size, quick = false }: Options) => {
      checkFolder(dir);
      // Now, because afterwards half an hour would be lost.
      if (target !== undefined) makeReportFolder(target);
      const say = process.stderr.isTTY ? statusLine() : minutely((text) => process.stderr.write(`${text}\n`));
      const report = await measure({
        folder: dir,
        size: size ?? (quick ? quickSize : fullSize),
        quick,
        signal: interruptSignal('SIGINT', 'SIGTERM', 'SIGHUP'),
        onProgress: say,
      }).finally(() => say(''));
      if (!report) return;
      process.stdout.write(report.text);
      if (target !== undefined) process.stdout.write(`\nThe report is ${report.write(target)}\n`);
    });
}
