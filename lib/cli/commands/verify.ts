/** `sluice verify`: compares the files of trees with the checksums kept with them. */

import { type Command, createCommand, InvalidArgumentError, Option } from 'commander';
import { defaultThreads } from '../../checksum/options.js';
import type { AlgorithmName } from '../../engine/algorithms.js';
import type { EngineChoice } from '../../engine/backends.js';
import { type Profile, profiles } from '../../files/xattr/index.js';
import { native } from '../../native/index.js';
import { verifyTree } from '../../scrub/verify-tree.js';
import { fromErrno } from '../../system/from-errno.js';
import { withoutProc } from '../../system/policy.js';
import { algorithmOption, engineOption, listOf, parseThreads } from '../options.js';
import { leftOut, ScrubProgress, summary } from '../output/scrub-progress.js';
import { interruptSignal } from '../output/terminal.js';
import { verifiedLine, verifiedToJson } from '../output/verdicts.js';

interface Flags {
  algorithm?: AlgorithmName[];
  profile?: Profile[];
  engine: EngineChoice;
  cache: 'use' | 'bypass';
  threads: number;
  maxRate?: number;
  idle?: true;
  oneFileSystem?: true;
  store?: true;
  journal?: string;
  json?: true;
}

const help = `
Every regular file below the folders is compared with what all profiles, or those of --profile, keep of it. Links are
not followed. Files that are not ok are printed, and the totals at the end, which say in words if nothing, or
not everything, could be verified. A file is

  ok          every value kept is the file's
  rot         a value is not the file's, and the file was not changed since, as far as the profile can tell. It is
              marked in user.sluice: servers of this package send no part of it until it changes or is found ok
  malformed   an attribute is not in its profile's form
  stale       the file was changed after a value was stored; "sluice attr set" stores new ones
  missing     no value is kept; with --store one is computed and kept, and the file counts as stored
  busy        somebody writes to it
  refused     its attributes could not be read or, with --store, set
  unreadable  it could not be opened or read

--journal keeps, every second, how far the run has come. The same command takes up a run that was killed, and ends with
the totals of an unbroken one, except that what --store had stored after the last record counts as ok. What changes where
it has been is left to the next run. When a run is over, its journal is removed.

Exit status: 0 nothing worse than stale was found; 1 rot, malformed, refused or unreadable; 2 the command line is wrong,
or the journal is of another run; 130 interrupted.

Examples:
  sluice verify /storage
  sluice verify --max-rate 50M --idle --cache bypass --journal /var/lib/sluice/storage.journal /storage
  sluice verify --store --profile storm,sluice /storage/atlas
  sluice verify --json /storage | jq 'select(.verdict == "rot")'`;

function parseRate(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([kMGT]?)$/.exec(text) ?? [];
  const rate = Number(number) * 1000 ** ' kMGT'.indexOf(unit || ' ');
  if (number === undefined || !(rate > 0)) {
    throw new InvalidArgumentError(
      'A rate is a number of bytes a second above 0, such as 500000, 50M or 1.5G.',
    );
  }
  return rate;
}

/** What a file must have to be verified. */
function lookedFor({ algorithm, profile }: Flags): string {
  const which = [
    ...(profile ? [`profile ${profile.join(', ')}`] : []),
    ...(algorithm ? [`algorithm ${algorithm.join(', ')}`] : []),
  ];
  return which.length === 0 ? 'checksum' : `checksum of ${which.join(' and ')}`;
}

/** Reads wait from now on for everybody else's. */
function readWhenIdle(): void {
  const refusal = native.setIdleIoPriority();
  if (!refusal) return;
  const { errno } = refusal;
  throw (
    withoutProc('The idle I/O class can be taken', errno) ??
    fromErrno(errno, 'The idle I/O class may not be taken', {
      code: 'ERR_SLUICE_PERMISSION',
      calls: 'ioprio_set',
    })
  );
}

async function run(folders: readonly string[], flags: Flags): Promise<void> {
  const { algorithm, profile, idle, json, ...others } = flags;
  const progress = new ScrubProgress();
  const verification = verifyTree(folders, {
    ...others,
    ...(algorithm && { algorithms: algorithm }),
    ...(profile && { profiles: profile }),
    signal: interruptSignal(),
    onProgress: (bytes) => progress.onProgress(bytes),
  });
  if (idle) readWhenIdle();
  const { totals } = verification;
  progress.start(totals);
  try {
    for await (const { path: name, verdict, verification: found, error } of verification) {
      if (verdict === 'ok' || verdict === 'stored') continue;
      const verified = error ? { name, error } : { name, verification: found };
      progress.erase();
      process.stdout.write(json ? `${JSON.stringify(verifiedToJson(verified))}\n` : verifiedLine(verified));
    }
  } finally {
    progress.stop();
  }
  const note = leftOut(totals, lookedFor(flags));
  const line = `${summary(totals)}${note === undefined ? '' : `; ${note}`}`;
  process.stdout.write(`${json ? JSON.stringify({ totals, note }) : line}\n`);
  if (totals.rot + totals.malformed + totals.refused + totals.unreadable > 0) process.exitCode = 1;
}

export function verifyCommand(): Command {
  return createCommand('verify')
    .description('compare the files of a tree with the checksums kept with them')
    .argument('<DIR...>', 'folders to walk')
    .addOption(algorithmOption('all that are kept; --store: adler32'))
    .addOption(
      new Option(
        '--profile <NAMES>',
        `comma-separated, of ${profiles.join(', ')} (default: all; --store: sluice)`,
      ).argParser(listOf('profile', profiles)),
    )
    .addOption(engineOption('what reduces'))
    .addOption(
      new Option('--cache <WAY>', 'read through the page cache, or what is on the disk, with O_DIRECT')
        .choices(['use', 'bypass'])
        .default('use'),
    )
    .addOption(
      new Option('-j, --threads <N>', 'files summed at once')
        .argParser(parseThreads)
        .default(defaultThreads, "the machine's cores"),
    )
    .addOption(
      new Option(
        '--max-rate <BYTES>',
        'read no more than so many bytes a second; k, M, G, T are understood',
      ).argParser(parseRate),
    )
    .option(
      '--idle',
      'read only when nobody else wants the disk (I/O class idle; bfq and mq-deadline heed it)',
    )
    .option('-x, --one-file-system', 'stay out of what is mounted in the folders')
    .option('--store', 'compute and keep a checksum of files that have none')
    .option('--journal <FILE>', 'keep how far the run has come, and go on from there')
    .option('--json', 'print an object a line')
    .addHelpText('after', help)
    .action(run);
}
