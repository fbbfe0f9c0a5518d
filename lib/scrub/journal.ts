/** How far a long run has come, kept in a file, so that a run that was killed can be taken up again. */

import { readFile } from 'node:fs';
import { rm } from 'node:fs/promises';
import { isDeepStrictEqual, promisify } from 'node:util';
import { SluiceError } from '../errors/errors.js';
import { StagedFile } from '../files/staging/staged-file.js';
import { openNamed } from '../files/xattr/open.js';
import { errorText, systemErrorText } from '../system/system-error.js';
import { noTotals, type Totals } from './totals.js';
import type { Position } from './tree.js';

const textOf = promisify(readFile);

/** What makes a run the same run: what is walked, and what decides over a file's verdict. */
export interface Run {
  /** The folders, by name, device and inode. */
  folders: readonly (readonly [name: string, device: string, inode: string])[];
  options: Readonly<Record<string, unknown>>;
}

export interface Checkpoint {
  /** Which of the folders is being walked. */
  folder: number;
  /** The last file of it that counts in the totals. */
  after: Position;
  totals: Totals;
}

const format = 1;
/** Between two checkpoints (ms): what is read a second time after a kill. */
const interval = 1000;

function isCheckpoint(value: unknown): value is Checkpoint {
  const { folder, after, totals } = (value ?? {}) as Partial<Checkpoint>;
  return (
    Number.isInteger(folder) &&
    Array.isArray(after) &&
    after.every((name) => typeof name === 'string') &&
    isDeepStrictEqual(Object.keys(totals ?? {}), Object.keys(noTotals())) &&
    Object.values(totals ?? {}).every(Number.isSafeInteger)
  );
}

function refusal(file: string, reason: string, remedy: string): SluiceError {
  return new SluiceError('ERR_SLUICE_OPTION', `The journal ${reason}`, { path: file, remedy });
}

function unwritten(file: string, error: unknown): unknown {
  if (!(error instanceof SluiceError) || error.code === 'ERR_SLUICE_SANDBOX') return error;
  const { code, errno } = error;
  const why = errno === undefined ? error.reason : systemErrorText(errno);
  if (code === 'ERR_SLUICE_NO_SPACE') {
    const reason = `There is no room for the journal ${file} (${why})`;
    return new SluiceError(code, reason, { path: file, errno, cause: error });
  }
  return refusal(
    file,
    `${file} can't be written (${why})`,
    'Name a file in a folder that is there, and that this user may write to.',
  );
}

/** Of a journal that is there, and no use. */
function useless(file: string, reason: string): SluiceError {
  return refusal(file, `${file} ${reason}`, 'Remove it to begin anew, or name another.');
}

/** The text of the journal, undefined if there is none. */
async function readJournal(file: string): Promise<string | undefined> {
  try {
    await using handle = await openNamed(file);
    return await textOf(handle.fd, 'utf8');
  } catch (error) {
    if (!(error instanceof SluiceError))
      throw refusal(file, `${file} can't be read (${errorText(error)})`, 'Name another file.');
    if (error.code === 'ERR_SLUICE_NOT_FOUND') return undefined;
    if (error.code === 'ERR_SLUICE_SANDBOX') throw error;
    throw refusal(file, error.reason, 'Name a file of your own, or one that does not exist yet.');
  }
}

export class Journal {
  readonly #file: string;
  readonly #run: Run;
  #saved = Number.NEGATIVE_INFINITY;
  /** Where the run that wrote the journal had come to; undefined where there was none. */
  readonly resumed: Checkpoint | undefined;

  private constructor(file: string, run: Run, resumed: Checkpoint | undefined) {
    this.#file = file;
    this.#run = run;
    this.resumed = resumed;
  }

  /** @throws SluiceError ERR_SLUICE_OPTION if the file is of another run, is no journal, or can't become one */
  static async open(file: string, run: Run): Promise<Journal> {
    const text = await readJournal(file);
    if (text === undefined) {
      const journal = new Journal(file, run, undefined);
      // Now, because later something would have been read and told of already.
      await journal.save({ folder: 0, after: [], totals: noTotals() });
      return journal;
    }
    let content: { format?: unknown; run?: unknown; checkpoint?: unknown } | null;
    try {
      content = JSON.parse(text);
    } catch {
      throw useless(file, 'is no journal');
    }
    if (content?.format !== format || !isCheckpoint(content.checkpoint)) throw useless(file, 'is no journal');
    if (!isDeepStrictEqual(content.run, JSON.parse(JSON.stringify(run)))) {
      throw useless(file, 'is of a run with other folders or options');
    }
    return new Journal(file, run, content.checkpoint);
  }

  /** Keeps the checkpoint if the last one kept is old enough. */
  async offer(checkpoint: Checkpoint): Promise<void> {
    if (performance.now() - this.#saved >= interval) await this.save(checkpoint);
  }

  /** Puts the checkpoint in the place of the last one: whole and on the disk, or not at all. */
  async save(checkpoint: Checkpoint): Promise<void> {
    const content = Buffer.from(JSON.stringify({ format, run: this.#run, checkpoint }));
    try {
      await using next = await StagedFile.create(this.#file, { mode: 0o600, content });
      await next.publish({ sync: true });
    } catch (error) {
      throw unwritten(this.#file, error);
    }
    this.#saved = performance.now();
  }

  /** The run is over, and the next one begins anew. */
  async remove(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}
