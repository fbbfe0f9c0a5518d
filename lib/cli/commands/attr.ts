/** `sluice attr`: the checksums that are kept in the attributes of files. */

import { Argument, type Command, createCommand, Option } from 'commander';
import type { AlgorithmName } from '../../engine/algorithms.js';
import { concernsOneFile, SluiceError } from '../../errors/errors.js';
import type { FileHandle } from '../../files/open-file.js';
import {
  clearChecksums,
  fillChecksums,
  type Profile,
  profiles,
  readChecksums,
  readStanding,
  type Selection,
  verifyChecksums,
} from '../../files/xattr/index.js';
import { openNamed } from '../../files/xattr/open.js';
import { algorithmOption, listOf } from '../options.js';
import { sentencesOf } from '../output/advice.js';
import { escapeName } from '../output/format.js';
import { quoteName } from '../output/quote.js';
import { complain, interruptSignal } from '../output/terminal.js';
import { storedToJson, verifiedLine, verifiedToJson } from '../output/verdicts.js';

const actions = ['get', 'set', 'verify', 'clear'] as const;

interface Flags {
  algorithm?: AlgorithmName[];
  profile?: Profile[];
  replaceRot?: true;
  json?: true;
}

/** A FILE that is open. */
interface Opened {
  name: string;
  /** As it is printed. */
  shown: string;
  fd: number;
}

/** How files are summed. */
interface How {
  signal: AbortSignal;
  replaceRot: boolean;
}

/** What an action has to say: lines for people, an object for programs, and whether all is well. */
interface Outcome {
  lines: string;
  json: object;
  well: boolean;
}

const table: Readonly<
  Record<(typeof actions)[number], (file: Opened, selection: Selection, how: How) => Promise<Outcome>>
> = {
  async get({ name, shown, fd }, selection) {
    const stored = await readChecksums(fd, selection);
    const lines = stored.map((each) =>
      each.state === 'malformed'
        ? `${shown}: ${each.profile} malformed: ${each.attribute}\n`
        : `${shown}: ${each.profile} ${each.algorithm} ${each.hex} ${each.state}\n`,
    );
    const { rot } = await readStanding(fd);
    if (rot) lines.push(`${shown}: found rotten ${rot.toISOString().replace('.000', '')}\n`);
    const none = lines.length === 0 ? `${shown}: none\n` : '';
    const json = { name, checksums: stored.map(storedToJson), ...(rot && { rot }) };
    return { lines: none + lines.join(''), json, well: true };
  },
  async set({ name, shown, fd }, selection, how) {
    const { checksums } = await fillChecksums(fd, { ...selection, ...how });
    const hexes = checksums.keys().map((algorithm) => [algorithm, checksums.hex(algorithm)]);
    const lines = hexes.map(([algorithm, hex]) => `${shown}: ${algorithm} ${hex}\n`).join('');
    return { lines, json: { name, checksums: Object.fromEntries(hexes) }, well: true };
  },
  async verify({ name, fd }, selection, { signal }) {
    const verified = { name, verification: await verifyChecksums(fd, { ...selection, signal }) };
    const well = verified.verification.verdict === 'ok';
    return { lines: verifiedLine(verified), json: verifiedToJson(verified), well };
  },
  async clear({ name, fd }, selection) {
    await clearChecksums(fd, selection);
    return { lines: '', json: { name }, well: true };
  },
};

const help = `
Actions:
  get     print what is kept
  set     sum the files and keep the values
  verify  sum the files and compare with what is kept
  clear   forget what is kept

Profiles: "sluice" keeps every algorithm and tells a change of the file by its size and time; "storm" is StoRM's
attribute and "human" xrootd-multiuser's, both without a time; "xrdcks" is XRootD's own. "set" takes sluice and adler32
unless told otherwise, and whatever is stale; the others take all of them. A value without a time that is known to be
as old as a stale one is set anew by every "set", or forgotten if its algorithm is not computed.

A file that has another value than was stored for it, though it was not changed since, is rotten: "set" refuses it, and
"verify" marks it, so that servers of this package send no part of it. "get" shows the mark; "verify" removes it where it
finds the file good again. --replace-rot has "set" take the file as it is, and replace all values that differ.

States: a value is fresh or stale, by the file's size and time; undated where the profile keeps no time.

Links are not followed. A file that somebody has open for writing gets no value.

Exit status: 0 all is well; 1 a file failed, or "verify" did not find it ok; 2 the command line is wrong; 130 interrupted.

Examples:
  sluice attr set --profile storm,xrdcks *.root
  sluice attr get data.root
  sluice attr verify --profile storm data.root
  sluice attr set --replace-rot data.root
  sluice attr clear --profile human -a adler32 data.root`;

async function run(action: keyof typeof table, files: readonly string[], flags: Flags): Promise<void> {
  if (flags.replaceRot && action !== 'set')
    throw new SluiceError('ERR_SLUICE_OPTION', `--replace-rot is for set, not for ${action}`);
  const how = { signal: interruptSignal(), replaceRot: flags.replaceRot ?? false };
  const selection: Selection = {
    ...(flags.profile && { profiles: flags.profile }),
    ...(flags.algorithm && { algorithms: flags.algorithm }),
  };
  for (const name of files) {
    let handle: FileHandle | undefined;
    try {
      handle = await openNamed(name);
      const { text, escaped } = escapeName(name);
      const file = { name, shown: escaped ? `\\${text}` : text, fd: handle.fd };
      const { lines, json, well } = await table[action](file, selection, how);
      if (!well) process.exitCode = 1;
      const output = flags.json ? `${JSON.stringify(json)}\n` : lines;
      if (output !== '') process.stdout.write(output);
    } catch (error) {
      if (!concernsOneFile(error)) throw error;
      process.exitCode = 1;
      if (flags.json) process.stdout.write(`${JSON.stringify(verifiedToJson({ name, error }))}\n`);
      else complain(error.path === undefined ? `${quoteName(name)}: ${sentencesOf(error)}` : error);
    } finally {
      await handle?.close();
    }
  }
}

export function attrCommand(): Command {
  return createCommand('attr')
    .description('get, set, verify or clear the checksums kept in the attributes of files')
    .addArgument(new Argument('<ACTION>', 'what to do').choices(actions))
    .argument('<FILE...>', 'regular files')
    .addOption(algorithmOption())
    .addOption(
      new Option('--profile <NAMES>', `comma-separated, of ${profiles.join(', ')}`).argParser(
        listOf('profile', profiles),
      ),
    )
    .option('--replace-rot', 'set: take a file as it is although a value that was stored for it differs')
    .option('--json', 'print an object a line')
    .addHelpText('after', help)
    .action(run);
}
