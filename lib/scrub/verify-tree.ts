/** Verifies trees from end to end: counted, and taken up where a run that was stopped had come to. */

import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { TotalProgress } from '../checksum/total-progress.js';
import type { SluiceError } from '../errors/errors.js';
import type { Verification } from '../files/xattr/index.js';
import { Journal, type Run } from './journal.js';
import {
  type CheckedTreeOptions,
  checkFolders,
  checkTreeOptions,
  type VerifyTreeOptions,
} from './options.js';
import { type Scrubbed, scrub } from './scrub.js';
import { type FileVerdict, noTotals, type Totals, verdictOnError } from './totals.js';

/** What became of a file, and of which checksums, or why it could not be verified. */
export type VerifiedFile = {
  /** Beneath the folder that it was found in, as that was given. */
  path: string;
  verdict: FileVerdict;
} & ({ verification: Verification; error?: never } | { error: SluiceError; verification?: never });

/** A run over trees. It is iterated once. */
export interface TreeVerification extends AsyncIterable<VerifiedFile> {
  /** What was found until now; of a run that was taken up, also before it was stopped. */
  readonly totals: Readonly<Totals>;
}

/** What the folders and the options make of the run, for its journal. */
async function identify(folders: readonly string[], options: CheckedTreeOptions): Promise<Run> {
  const { selection, oneFileSystem, store } = options;
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
      algorithm: selection.algorithms ?? null,
      profile: selection.profiles ?? null,
      oneFileSystem,
      store,
    },
  };
}

function resultOf(scrubbed: Scrubbed): VerifiedFile {
  const { path, error } = scrubbed;
  if (error) return { path, verdict: verdictOnError(error), error };
  const { verification, stored } = scrubbed;
  return { path, verdict: stored ? 'stored' : verification.verdict, verification };
}

function count({ verdict, verification }: VerifiedFile, totals: Totals): void {
  totals.files += 1;
  totals[verdict] += 1;
  totals.bytes += verification?.bytes ?? 0;
  if (verification?.cache === 'fell-back') totals.fellBack += 1;
}

async function* verify(
  folders: readonly string[],
  options: CheckedTreeOptions,
  totals: Totals,
): AsyncGenerator<VerifiedFile, void, undefined> {
  const { selection, engine, cache, threads, throttle, store, oneFileSystem, onProgress } = options;
  const journal =
    options.journal === undefined
      ? undefined
      : await Journal.open(options.journal, await identify(folders, options));
  const checkpoint = journal?.resumed ?? { folder: 0, after: [], totals };
  checkpoint.totals = Object.assign(totals, checkpoint.totals);
  const progress = onProgress && new TotalProgress(onProgress);
  const signal = options.signal ?? new AbortController().signal;
  const way = { engine, cache, threads, signal, ...(throttle && { throttle }) };
  let isOver = false;
  try {
    for (; checkpoint.folder < folders.length; checkpoint.folder += 1, checkpoint.after = []) {
      const folder = folders[checkpoint.folder] as string;
      for await (const scrubbed of scrub(folder, checkpoint.after, {
        selection,
        way,
        progress,
        store,
        oneFileSystem,
      })) {
        const result = resultOf(scrubbed);
        count(result, totals);
        // Before it is told of, so that no file counts twice if that ends the run.
        checkpoint.after = scrubbed.position;
        yield result;
        await journal?.offer(checkpoint);
      }
    }
    isOver = true;
  } finally {
    if (!isOver) await journal?.save(checkpoint);
  }
  await journal?.remove();
}

/**
 * Compares every regular file of some trees with the checksums kept with it, in an order that does not change, several files
 * at once. Links are not followed. A file that can't be verified is told of, and does not end the run.
 *
 * @param folders one path, or several
 * @throws SluiceError ERR_SLUICE_OPTION and ERR_SLUICE_ALGORITHM for what can't be asked for, and for the engine what
 *   `checksum` throws; while it is iterated, ERR_SLUICE_ABORTED, and ERR_SLUICE_OPTION for a journal that is of another
 *   run, or can't be written
 */
export function verifyTree(
  folders: string | readonly string[],
  options: VerifyTreeOptions = {},
): TreeVerification {
  const [paths, checked] = [checkFolders(folders), checkTreeOptions(options)];
  const totals = noTotals();
  return Object.assign(verify(paths, checked, totals), { totals });
}
