/** `sluice copy`: copies a file and prints the checksums of what is stored. */

import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Command, createCommand, InvalidArgumentError, Option } from 'commander';
import { copyFile } from '../../copy/copy-file.js';
import { type Keepable, keepable } from '../../copy/options.js';
import { type AlgorithmName, toHex } from '../../engine/algorithms.js';
import type { EngineChoice } from '../../engine/backends.js';
import { isNoFolder } from '../../errors/errno.js';
import { SluiceError } from '../../errors/errors.js';
import { type Profile, profiles } from '../../files/xattr/index.js';
import { folderFailure } from '../../files/xattr/open.js';
import { algorithmOption, engineOption, listOf } from '../options.js';
import { formatLines } from '../output/format.js';
import { Progress } from '../output/progress.js';
import { interruptSignal } from '../output/terminal.js';

interface Flags {
  algorithm?: AlgorithmName[];
  engine: EngineChoice;
  verify?: bigint;
  profile?: Profile[];
  keep?: Keepable[];
  sync?: true;
}

const help = `
DST is a file, or a folder that gets a file of the same name. It is replaced at once, when all of the copy is stored
and verified: until then, and if anything fails or the command is killed, it is what it was. A file that somebody has
open for writing, or that changes meanwhile, is not copied.

A source that has another checksum than is stored with it is rotten, and is not copied.

The checksums printed are of the bytes as they are stored, in the layouts of "sluice sum". Holes stay holes.

--profile keeps them with the copy, in extended attributes: sluice (all algorithms, and whether they are still fresh),
storm and human and xrdcks (as those programs do).

Exit status: 0 copied; 1 not copied: a file could not be read or written, did not match, or changed meanwhile; 2 the
command line is wrong; 3 the engine asked for is not to be had; 130 interrupted.

Examples:
  sluice copy data.root /storage/
  sluice copy --verify 08d6d55b --sync data.root /storage/data.root
  sluice copy -a adler32,crc32c --profile storm,sluice --keep mode,times data.root /storage/`;

function parseValue(text: string): bigint {
  if (!/^[0-9a-f]{1,16}$/i.test(text))
    throw new InvalidArgumentError('A value is hexadecimal, as "sluice sum" prints it.');
  return BigInt(`0x${text}`);
}

/** What is on the way to a path that the system would not follow (ENOTDIR), and is no directory. */
async function obstacleOn(path: string): Promise<string> {
  const above = dirname(path);
  const isThere = await stat(above).then(
    () => true,
    () => false,
  );
  return isThere || above === path ? above : obstacleOn(above);
}

function checkDigits(value: bigint, algorithm: AlgorithmName): void {
  const hex = toHex(algorithm, value);
  if (hex.length > toHex(algorithm, 0n).length) {
    throw new SluiceError('ERR_SLUICE_OPTION', `${hex} has more digits than a value of ${algorithm}`, {
      remedy: "Give --verify a value as 'sluice sum' prints it, of the first algorithm that -a names.",
    });
  }
}

/** Whoever gave --verify a value may have meant another algorithm. */
function adviseOnMismatch(error: unknown): unknown {
  if (!(error instanceof SluiceError) || error.code !== 'ERR_SLUICE_MISMATCH') return error;
  const { code, reason, path, remedy } = error;
  return new SluiceError(code, reason, { path, remedy: remedy.replace(/\.$/, ' (-a names another).') });
}

async function run(source: string, destination: string, flags: Flags): Promise<void> {
  const { algorithm: algorithms = ['adler32'], engine, verify, profile: profiles = [], keep = [] } = flags;
  const first = algorithms[0] as AlgorithmName;
  if (verify !== undefined) checkDigits(verify, first);
  const isFolder = await stat(destination).then(
    (kind) => kind.isDirectory(),
    async (error) => {
      // Else what can't be looked at is refused, with the reason, where the copy is made.
      if (destination.endsWith('/')) throw folderFailure(error, destination, 'Name a folder that is there.');
      if (isNoFolder(error)) {
        const remedy = 'Name a folder that is there, or a file in one.';
        throw folderFailure(error, await obstacleOn(destination), remedy);
      }
      return false;
    },
  );
  const path = isFolder ? join(destination, basename(source)) : destination;
  const progress = new Progress([source]);
  try {
    const result = await copyFile(source, path, {
      algorithms,
      engine,
      ...(verify !== undefined && { expected: { [first]: verify } }),
      profiles,
      keep,
      sync: flags.sync ?? false,
      signal: interruptSignal('SIGINT', 'SIGTERM', 'SIGHUP'),
      onProgress: (bytes) => progress.onBytes(bytes),
    }).catch((error) => {
      throw adviseOnMismatch(error);
    });
    progress.onFile(() =>
      process.stdout.write(
        formatLines(algorithms.length > 1 ? 'tag' : 'coreutils', {}, path, result.checksums),
      ),
    );
  } finally {
    progress.stop();
  }
}

export function copyCommand(): Command {
  return createCommand('copy')
    .description('copy a file, verified as it is stored, and print its checksums')
    .argument('<SRC>', 'the file to copy')
    .argument('<DST>', 'the copy, or the folder for it')
    .addOption(algorithmOption('adler32'))
    .addOption(engineOption('what measures'))
    .addOption(
      new Option(
        '--verify <VALUE>',
        'copy nothing unless this is the value of the first algorithm',
      ).argParser(parseValue),
    )
    .addOption(
      new Option('--profile <LIST>', `store the checksums with the copy: ${profiles.join(', ')}`).argParser(
        listOf('profile', profiles),
      ),
    )
    .addOption(
      new Option('--keep <LIST>', `of the source's, keep: ${keepable.join(', ')}`).argParser(
        listOf('property', keepable),
      ),
    )
    .option('--sync', 'return when the copy would outlive a power failure')
    .addHelpText('after', help)
    .action(run);
}
