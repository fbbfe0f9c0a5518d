/** `sluice verify`: compares the files of trees with the checksums kept with them. */

import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Command, createCommand, InvalidArgumentError, Option } from 'commander';
import { defaultThreads } from '../../checksum/options.js';
import type { AlgorithmName } from '../../engine/algorithms.js';
import { chooseEngine } from '../../engine/choose.js';
import { fromErrno } from '../../errors/from-errno.js';
import { withoutProc } from '../../errors/policy.js';
import { type Profile, profiles, Throttle } from '../../files/xattr/index.js';
import { checkPlaces } from '../../files/xattr/store.js';
import { native } from '../../native/index.js';
import { Journal, type Run } from '../../scrub/journal.js';
import { type Scrubbed, type ScrubOptions, scrub } from '../../scrub/scrub.js';
import { noTotals, type Totals } from '../../scrub/totals.js';
import { algorithmOption, engineOption, listOf, parseThreads } from '../options.js';
import { leftOut, ScrubProgress, summary } from '../output/scrub-progress.js';
import { interruptSignal } from '../output/terminal.js';
import { verdictOnError, verifiedLine, verifiedToJson } from '../output/verdicts.js';

interface Flags {
  algorithm?: AlgorithmName[];
  profile?: Profile[];
  engine: 'auto' | 'kernel' | 'userspace';
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

/** What the folders and the options make of the run, for its journal. */
async function identify(folders: readonly string[], flags: Flags): Promise<Run> {
  const { algorithm, profile, oneFileSystem, store } = flags;
  const found = folders.map(async (name) => {
    // One that is not there has none: the walk says why.
    const { dev = '', ino = '' } = await stat(name, { bigint: true }).catch(
      () => ({}) as Partial<BigIntStats>,
    );
    return [name, String(dev), String(ino)] as const;
  });
  return {
    folders: await Promise.all(found),
    options: {
      algorithm: algorithm ?? null,
      profile: profile ?? null,
      oneFileSystem: oneFileSystem ?? false,
      store: store ?? false,
    },
  };
}

/** Counts a file, and says whether it is to be told of. */
function count(scrubbed: Scrubbed, totals: Totals): boolean {
  totals.files += 1;
  if (scrubbed.error) {
    totals[verdictOnError(scrubbed.error)] += 1;
    return true;
  }
  const { verification, stored } = scrubbed;
  totals[stored ? 'stored' : verification.verdict] += 1;
  totals.bytes += verification.bytes;
  if (verification.cache === 'fell-back') totals.fellBack += 1;
  return !stored && verification.verdict !== 'ok';
}

/** What a file must have to be verified. */
function lookedFor({ algorithm, profile }: Flags): string {
  const which = [
    ...(profile ? [`profile ${profile.join(', ')}`] : []),
    ...(algorithm ? [`algorithm ${algorithm.join(', ')}`] : []),
  ];
  return which.length === 0 ? 'checksum' : `checksum of ${which.join(' and ')}`;
}

async function run(folders: readonly string[], flags: Flags): Promise<void> {
  const { algorithm, profile, engine, cache, threads, maxRate, json } = flags;
  const signal = interruptSignal();
  // An engine that is not to be had fails the command, whatever there is to verify.
  chooseEngine(engine, algorithm ?? ['adler32']);
  if (flags.store) checkPlaces(profile ?? ['sluice'], algorithm ?? ['adler32']);
  if (flags.idle) {
    const refusal = native.setIdleIoPriority();
    if (refusal) {
      const { errno } = refusal;
      throw (
        withoutProc('The idle I/O class can be taken', errno) ??
        fromErrno(errno, 'The idle I/O class may not be taken', {
          code: 'ERR_SLUICE_PERMISSION',
          calls: 'ioprio_set',
        })
      );
    }
  }
  const identity = await identify(folders, flags);
  const journal = flags.journal === undefined ? undefined : await Journal.open(flags.journal, identity);
  const checkpoint = journal?.resumed ?? { folder: 0, after: [], totals: noTotals() };
  const { totals } = checkpoint;
  const progress = new ScrubProgress(totals);
  const options: ScrubOptions = {
    selection: { ...(profile && { profiles: profile }), ...(algorithm && { algorithms: algorithm }) },
    way: {
      engine,
      cache,
      threads,
      signal,
      onRead: (bytes) => progress.onRead(bytes),
      ...(maxRate !== undefined && { throttle: new Throttle(maxRate) }),
    },
    store: flags.store ?? false,
    oneFileSystem: flags.oneFileSystem ?? false,
  };
  try {
    for (; checkpoint.folder < folders.length; checkpoint.folder += 1, checkpoint.after = []) {
      for await (const scrubbed of scrub(folders[checkpoint.folder] as string, checkpoint.after, options)) {
        const { path: name, position } = scrubbed;
        if (count(scrubbed, totals)) {
          const verified = scrubbed.error
            ? { name, error: scrubbed.error }
            : { name, verification: scrubbed.verification };
          progress.erase();
          process.stdout.write(
            json ? `${JSON.stringify(verifiedToJson(verified))}\n` : verifiedLine(verified),
          );
        }
        checkpoint.after = position;
        await journal?.offer(checkpoint);
      }
    }
  } catch (error) {
    await journal?.save(checkpoint);
    throw error;
  } finally {
    progress.stop();
  }
  const note = leftOut(totals, lookedFor(flags));
  const line = `${summary(totals)}${note === undefined ? '' : `; ${note}`}`;
  process.stdout.write(`${json ? JSON.stringify({ totals, note }) : line}\n`);
  await journal?.remove();
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
