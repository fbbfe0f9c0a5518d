/** `sluice observe`: tells the checksums of files as other programs write them. */

import { type Command, createCommand, Option } from 'commander';
import type { AlgorithmName } from '../../engine/algorithms.js';
import { keepCapabilities } from '../../engine/privileges.js';
import { type HookKind, hookKinds } from '../../engine/taps/observe-programs.js';
import { type Profile, profiles } from '../../files/xattr/index.js';
import { observe } from '../../observe/index.js';
import { type Method, methods } from '../../observe/options.js';
import { algorithmOption, listOf } from '../options.js';
import { observedJson, observedLine, statsLines } from '../output/observed.js';
import { harmless, interruptSignal } from '../output/terminal.js';
import { Output } from '../output/write-out.js';

interface Flags {
  algorithm?: AlgorithmName[];
  profile?: Profile[];
  method: Method;
  hooks?: HookKind;
  journal?: string;
  json?: true;
  stats?: true;
}

const help = `
Every regular file of the folders, and below them, is summed soon after a program that had it open for writing closed it,
or when it got its name there. Nothing is changed in these programs. Each file is a line:

  value       its checksums; with --profile they are kept with it, if it did not change since
  retracted   it is being changed: what was told of it, or is kept with it, does not hold
  unknown     it has no value, and the line says why
  lost        events were lost; what may have changed is looked for and summed

With --journal a kill loses no file: the next start of the same command goes on with what was under way, and looks for
what happened while it did not run. The first start looks for nothing that was there before.

It runs until it is interrupted or terminated. It needs CAP_SYS_ADMIN to be told of a file system and to load programs, and
CAP_DAC_READ_SEARCH to open files by what it is told; CAP_LEASE, and CAP_DAC_OVERRIDE to keep values, are for files of other
users. Once it observes it holds CAP_DAC_READ_SEARCH and CAP_LEASE, and values are kept by a process that can do nothing
else. Other file systems that are mounted in the folders are not seen: name them, too.

Exit status: 0 it was told to stop; 1 a folder can't be opened, or its file system can't be observed; 2 the command line is
wrong; 3 a capability is missing, or the kernel takes no programs such as are asked for.

Examples:
  sluice observe /storage
  sluice observe --profile storm,sluice /storage/atlas
  sluice observe --json -a adler32,crc32c /storage | jq -r 'select(.type == "value") | .file'`;

async function run(
  folders: readonly string[],
  { algorithm, profile, method, hooks, journal, json, stats }: Flags,
): Promise<void> {
  await using observation = observe(folders, {
    method,
    ...(algorithm && { algorithms: algorithm }),
    ...(profile && { profiles: profile }),
    ...(journal !== undefined && { journal }),
    ...(hooks && { hooks }),
    cpuTime: stats === true,
  });
  // Files of others are read, and nothing is written: attributes are set by a process of its own.
  keepCapabilities(['CAP_DAC_READ_SEARCH', 'CAP_LEASE']);
  const { refusal, untested } = observation;
  if (refusal)
    process.stderr.write(`sluice: files are read when they are closed: ${harmless(refusal.reason)}\n`);
  if (untested) process.stderr.write(`sluice: ${harmless(untested.reason)}\n`);
  interruptSignal('SIGINT', 'SIGTERM').addEventListener('abort', () => {
    void observation[Symbol.asyncDispose]();
  });
  const output = new Output();
  for await (const event of observation) {
    await output.write(json ? observedJson(event) : observedLine(event));
  }
  await output.flush();
  if (stats)
    process.stderr.write(json ? `${JSON.stringify(observation.stats)}\n` : statsLines(observation.stats));
}

export function observeCommand(): Command {
  return createCommand('observe')
    .description('tell the checksums of files as other programs write them')
    .argument('<DIR...>', 'folders to observe')
    .addOption(algorithmOption('adler32'))
    .addOption(
      new Option(
        '--profile <NAMES>',
        `keep the values with the files; comma-separated, of ${profiles.join(', ')}`,
      ).argParser(listOf('profile', profiles)),
    )
    .addOption(new Option('--method <METHOD>', 'how sums are got').choices(methods).default('auto'))
    .addOption(
      new Option('--hooks <KIND>', 'what the programs in the kernel are attached to').choices(hookKinds),
    )
    .option('--journal <FILE>', 'keep what is under way, and look at the next start for what was missed')
    .option('--json', 'print an object a line')
    .option('--stats', 'say at the end, on standard error, what was done')
    .addHelpText('after', help)
    .action(run);
}
