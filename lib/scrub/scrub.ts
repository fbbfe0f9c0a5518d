/** Verifies the files of a tree, several at once, in the order of the walk. */

import { inOrder } from '../checksum/in-order.js';
import type { TotalProgress } from '../checksum/total-progress.js';
import { concernsOneFile, type SluiceError } from '../errors/errors.js';
import {
  fillChecksums,
  type Selection,
  type SumWay,
  type Verification,
  verifyChecksums,
} from '../files/xattr/index.js';
import { type Found, type Position, walk } from './tree.js';

export interface ScrubOptions {
  selection: Selection;
  way: Omit<SumWay, 'onProgress'> & { threads: number; signal: AbortSignal };
  /** Of all files. */
  progress: TotalProgress | undefined;
  /** Computes and keeps a checksum where there is none. */
  store: boolean;
  oneFileSystem: boolean;
}

/** What became of a file. */
export type Scrubbed = { path: string; position: Position } & (
  | { verification: Verification; stored: boolean; error?: never }
  | { error: SluiceError; verification?: never }
);

async function scrubFile({ path, position, handle, error }: Found, options: ScrubOptions): Promise<Scrubbed> {
  if (error) return { path, position, error };
  const { selection, way, progress, store } = options;
  const how = () => ({ ...selection, ...way, ...(progress && { onProgress: progress.one() }) });
  try {
    const verification = await verifyChecksums(handle.fd, how());
    const stored = store && verification.verdict === 'missing';
    if (stored) await fillChecksums(handle.fd, how());
    return { path, position, verification, stored };
  } catch (error) {
    if (!concernsOneFile(error)) throw error;
    return { path, position, error };
  } finally {
    await handle.close();
  }
}

/**
 * Verifies a tree from behind a position on. Files are opened only as threads come free.
 *
 * @throws SluiceError ERR_SLUICE_ABORTED when the signal fires
 */
export async function* scrub(
  folder: string,
  after: Position,
  options: ScrubOptions,
): AsyncGenerator<Scrubbed, void, undefined> {
  const { way, oneFileSystem } = options;
  const scrubOne = (found: Found, signal: AbortSignal) =>
    scrubFile(found, { ...options, way: { ...way, signal } });
  const { threads, signal } = way;
  yield* inOrder(walk(folder, { after, oneFileSystem }), scrubOne, {
    threads,
    signal,
    what: `Verifying ${folder}`,
  });
}
