/** `sluice sum`: prints the checksums of files, or hands over to check.ts. */

import { type Command, createCommand, Option } from 'commander';
import type { AlgorithmName } from '../../engine/algorithms.js';
import { chooseEngine } from '../../engine/choose.js';
import { describe, standardInput } from '../input.js';
import { algorithmOption, engineOption, parseThreads } from '../options.js';
import { circumstances, formatLines, type Layout, toJson } from '../output/format.js';
import { Progress } from '../output/progress.js';
import { quoteName } from '../output/quote.js';
import { complain, interruptSignal } from '../output/terminal.js';
import { noKernelForStreams, type SumOptions, sumSources } from '../sources.js';
import { check } from './check.js';

interface Flags {
  algorithm?: AlgorithmName[];
  engine: SumOptions['engine'];
  threads?: number;
  cache: SumOptions['cache'];
  json?: true;
  tag?: true;
  xrd?: true;
  zero?: true;
  verbose?: true;
  binary?: boolean;
  text?: boolean;
  check?: true;
  quiet?: boolean;
  status?: boolean;
  warn?: boolean;
  strict?: true;
  ignoreMissing?: true;
}

const help = `
FILE may be -, standard input, which is also what is summed if no FILE is given.

Layouts: one algorithm prints "HEX  FILE" as coreutils do. Several algorithms print BSD lines, as --tag does,
"ADLER32 (FILE) = HEX", so that it is seen which is which. Names with backslashes or line breaks are escaped as
coreutils do. -c reads all of these layouts, and that of --xrd. A line without a tag is taken for the first algorithm
of -a with as many digits; without -a, 8 digits are adler32 and 16 are crc64nvme. A list whose name ends in .sfv has
lines of a file's name and its crc32, and comments that begin with a semicolon.

Engines: "userspace" reads the file and reduces it with SIMD. "kernel" lets a BPF program reduce the pages in the
kernel, without a copy; it needs CAP_BPF and CAP_PERFMON, or root. "auto" takes the one that "sluice compare" measured
as faster on this machine, and user space before that. "sluice probe" shows what there is, and why not.

A file that changed while it was read, or that another process has open for writing, gets an error, not a value. Where
the kernel grants no lease (files of others, network file systems) only size and time stamps tell of writers; -v and
--json say for which files.

Exit status: 0 all is well; 1 a file could not be summed, or did not match; 2 the command line is wrong; 3 the engine
asked for is not to be had; 130 interrupted.

Examples:
  sluice sum data.root                        adler32, in the layout of coreutils
  sluice sum -a adler32,crc32c --tag *.root > SUMS
  sluice sum -c --quiet SUMS                  says only what is wrong
  sluice sum --engine kernel --cache bypass big.iso
  curl -s URL | sluice sum --xrd -            as xrdadler32 prints it
  find . -type f -print0 | xargs -0 sluice sum --zero`;

/** Refuses options that mean nothing together, in the words of coreutils. */
function refuseNonsense(flags: Flags, command: Command): void {
  const refuse = (reason: string) => command.error(`error: ${reason}`);
  const forChecks = ['quiet', 'status', 'warn', 'strict', 'ignoreMissing'] as const;
  const stray = forChecks.find((name) => flags[name]);
  if (!flags.check && stray) {
    const flag = stray === 'ignoreMissing' ? 'ignore-missing' : stray;
    refuse(`the --${flag} option is meaningful only when verifying checksums`);
  }
  const output = (['json', 'tag', 'xrd', 'verbose'] as const).find((name) => flags[name]);
  if (flags.check && output) refuse(`the --${output} option is meaningless when verifying checksums`);
  if (flags.check && (flags.binary || flags.text))
    refuse('the --binary and --text options are meaningless when verifying checksums');
  if (flags.tag && flags.text) refuse('--tag does not support --text mode');
  if (flags.xrd && flags.algorithm?.some((name) => name !== 'adler32')) {
    refuse("the --xrd option is xrdadler32's layout, which knows no algorithm but adler32");
  }
}

/** Prints the checksums of the files. Returns whether all could be summed. */
async function printSums(
  names: readonly string[],
  flags: Flags,
  options: Omit<SumOptions, 'onProgress'>,
): Promise<boolean> {
  const several = options.algorithms.length > 1;
  const layout: Layout = flags.xrd ? 'xrd' : flags.tag || several ? 'tag' : 'coreutils';
  const progress = new Progress(names);
  let separator = '[\n';
  let well = true;
  try {
    for await (const summed of sumSources(names, {
      ...options,
      onProgress: (bytes) => progress.onBytes(bytes),
    })) {
      const { name, result, error } = summed;
      if (error) well = false;
      progress.onFile(() => {
        if (flags.json) {
          process.stdout.write(separator + JSON.stringify(toJson(summed)));
          separator = ',\n';
        } else if (error) {
          complain(error);
        } else {
          process.stdout.write(formatLines(layout, flags, name, result.checksums));
        }
        if (flags.verbose && result) {
          const who = name === standardInput ? describe(name) : quoteName(name);
          complain(`${who}: ${circumstances(name, result)}`);
        }
      });
    }
  } finally {
    progress.stop();
    if (flags.json) process.stdout.write(separator === '[\n' ? '[]\n' : '\n]\n');
  }
  return well;
}

async function run(files: readonly string[], flags: Flags, command: Command): Promise<void> {
  refuseNonsense(flags, command);
  const names = files.length > 0 ? files : [standardInput];
  const { engine, cache, threads } = flags;
  const common = { engine, cache, threads, signal: interruptSignal() };
  const chosen = flags.algorithm ?? ['adler32'];
  // An engine that is not to be had fails the command, once, rather than every file.
  chooseEngine(engine, chosen);
  if (engine === 'kernel' && !flags.check && names.includes(standardInput)) throw noKernelForStreams();
  const well = flags.check
    ? await check(names, {
        ...common,
        untagged: flags.algorithm ?? ['adler32', 'crc64nvme'],
        named: flags.algorithm !== undefined,
        zero: flags.zero ?? false,
        quiet: flags.quiet ?? false,
        status: flags.status ?? false,
        warn: flags.warn ?? false,
        strict: flags.strict ?? false,
        ignoreMissing: flags.ignoreMissing ?? false,
      })
    : await printSums(names, flags, { ...common, algorithms: chosen });
  if (!well) process.exitCode = 1;
}

/** Of these options the last one given counts, as in coreutils. */
function lastCounts(command: Command, names: readonly string[]): void {
  for (const name of names) {
    command.on(`option:${name}`, () => {
      for (const other of names) if (other !== name) command.setOptionValue(other, false);
    });
  }
}

/** What has no place for a mark before the name. */
const plain = ['json', 'xrd'];

export function sumCommand(): Command {
  const command = createCommand('sum')
    .description('print or verify the checksums of files')
    .argument('[FILE...]', 'files to sum; with -c, lists of checksums to verify')
    .addOption(algorithmOption('adler32'))
    .addOption(engineOption('what reduces'))
    .addOption(
      new Option(
        '--threads <N>',
        'files summed at once, or threads that share a single large FILE',
      ).argParser(parseThreads),
    )
    .addOption(
      new Option('--cache <WAY>', 'read through the page cache, or bypass it with O_DIRECT')
        .choices(['use', 'bypass'])
        .default('use'),
    )
    .addOption(new Option('--json', 'print an array of objects').conflicts(['tag', 'xrd', 'zero']))
    .addOption(new Option('--tag', 'print BSD lines: ADLER32 (FILE) = HEX').conflicts('xrd'))
    .option('--xrd', "print xrdadler32's lines: HEX FILE")
    .option('-z, --zero', 'end lines with NUL, and do not escape names')
    .option(
      '-v, --verbose',
      'say of each FILE on standard error what summed it, and whether others could write to it',
    )
    .option('-c, --check', 'read checksums from the FILEs and verify them')
    .addOption(
      new Option('-b, --binary', 'mark names with *, as coreutils do; files are read alike').conflicts(plain),
    )
    .addOption(new Option('-t, --text', 'do not mark names (the default)').conflicts(plain))
    .optionsGroup('Only with -c:')
    .option('--ignore-missing', "pass over files that don't exist")
    .option('--quiet', 'do not print OK for files that match')
    .option('--status', 'print nothing of files; the exit status tells')
    .option('--strict', 'exit with 1 for improperly formatted lines')
    .option('-w, --warn', 'say which lines are improperly formatted')
    .addHelpText('after', help)
    .action(run);
  lastCounts(command, ['quiet', 'status', 'warn']);
  lastCounts(command, ['binary', 'text']);
  return command;
}
