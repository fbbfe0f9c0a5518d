import { type BigIntStats, constants } from 'node:fs';
import { bad, rejectUnknown } from '../../checksum/options.js';
import type { EngineChoice } from '../../engine/backends.js';
import type { Checksums } from '../../engine/checksums.js';
import { codeFor } from '../../errors/errno.js';
import { SluiceError } from '../../errors/errors.js';
import { type FileHandle, open } from '../../files/open-file.js';
import { corrupt, differenceOf, expectedOf, foundCorrupt } from '../../files/xattr/compare.js';
import { checkProfiles } from '../../files/xattr/options.js';
import type { Profile } from '../../files/xattr/profiles/table.js';
import { markRotten, versionKey } from '../../files/xattr/rot.js';
import { storeChecksums } from '../../files/xattr/store.js';
import { sameVersion, settledStamps } from '../../files/xattr/version.js';
import { shown } from '../../shown.js';
import { fromErrno } from '../../system/from-errno.js';
import { withoutProc } from '../../system/policy.js';
import { codeOf } from '../../system/system-error.js';
import type { DigestAlgorithm, DigestValues } from '../fields/algorithms.js';
import { checksumsIn } from './body-sums.js';
import { type ComputedDigests, fileDigests } from './file-digests.js';

export interface OnDemandOptions {
  /** Files summed at the same time; the others wait for their turn. Default: 2. */
  atOnce?: number;
  /** Where to keep checksums, so that they need not be computed again. Hashes are not kept. Default: nowhere. */
  store?: readonly Profile[];
}

/**
 * How many wait for their turn at most. Each has a descriptor, and the usual process has a thousand; who comes when
 * there are as many would wait for long.
 */
const mostWaiting = 100;

/** Of one computation. */
export interface ComputeOptions {
  signal: AbortSignal;
  /** What sums, as for `checksum`. Default: `auto`. Hashes, and checksums beside them, are Node's. */
  engine?: EngineChoice;
  /** What to call the file. */
  path?: string | undefined;
}

/** What is to be computed of which file. */
interface Task extends Required<Pick<ComputeOptions, 'engine' | 'path'>> {
  readonly version: BigIntStats;
  readonly algorithms: readonly DigestAlgorithm[];
}

/** Whether who asks for one can wait for the other. Where the kernel is insisted on, one fails that `auto` would not fail. */
function covers(one: Task, { algorithms, engine }: Task): boolean {
  const serves = engine === one.engine || (engine === 'auto' && one.engine === 'userspace');
  return serves && algorithms.every((name) => one.algorithms.includes(name));
}

interface Computation {
  readonly task: Task;
  /** Settles once the descriptor of the first who asked is not needed any more. */
  readonly opened: Promise<unknown>;
  readonly digests: Promise<ComputedDigests>;
  readonly abandon: AbortController;
  waiting: number;
}

/** Settles as the promise does, or with ERR_SLUICE_ABORTED as soon as the signal fires. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () =>
      reject(
        new SluiceError('ERR_SLUICE_ABORTED', 'Nobody waits for the checksum', { cause: signal.reason }),
      );
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

/**
 * Computes checksums that clients ask for and nobody has stored: once for each file however many ask at a time, and no
 * longer than anybody waits for it.
 */
export class OnDemandChecksums {
  readonly #atOnce: number;
  readonly #store: readonly Profile[];
  readonly #computations = new Map<string, Computation>();
  readonly #queue = new Set<() => void>();
  #running = 0;

  /** Throws ERR_SLUICE_OPTION. */
  constructor(options: OnDemandOptions = {}) {
    rejectUnknown(options, new Set(['atOnce', 'store']));
    const { atOnce = 2, store = [] } = options;
    if (!Number.isInteger(atOnce) || atOnce < 1)
      throw bad(`The option atOnce is a number of files from 1 on, not ${shown(atOnce)}`);
    this.#atOnce = atOnce;
    this.#store = Array.isArray(store) && store.length === 0 ? [] : checkProfiles(store);
  }

  /**
   * @param fd open for reading until this settles
   * @param stats of the version that the values are to be of
   * @returns the values by algorithm, and what computed them
   * @throws SluiceError what `checksum` throws; ERR_SLUICE_CHANGED if the file is another version by now;
   * ERR_SLUICE_CORRUPT if a value that is stored for this version is not that of the bytes read;
   * ERR_SLUICE_LIMIT if 100 files wait for their turn already, or there are no descriptors left
   */
  async compute(
    fd: number,
    stats: BigIntStats,
    algorithms: readonly DigestAlgorithm[],
    { signal, engine = 'auto', path }: ComputeOptions,
  ): Promise<ComputedDigests> {
    const task = { version: stats, algorithms, engine, path };
    const key = versionKey(stats);
    for (;;) {
      const there = this.#computations.get(key);
      if (there && !covers(there.task, task)) {
        // Two at once would read the file twice, and each take the other's storing for a change.
        await unlessAborted(
          there.digests.catch(() => {}),
          signal,
        );
        continue;
      }
      const computation = there ?? this.#start(key, fd, task);
      computation.waiting++;
      try {
        await computation.opened.catch(() => {}); // reported by `digests`
        return await unlessAborted(computation.digests, signal);
      } finally {
        if (--computation.waiting === 0) {
          computation.abandon.abort();
          if (this.#computations.get(key) === computation) this.#computations.delete(key);
        }
      }
    }
  }

  #start(key: string, fd: number, task: Task): Computation {
    if (this.#computations.size >= this.#atOnce + mostWaiting)
      throw new SluiceError('ERR_SLUICE_LIMIT', `${mostWaiting} files wait to be summed already`);
    const abandon = new AbortController();
    // The computation may outlive the request that began it, so it has a descriptor of its own.
    const opened = open(`/proc/self/fd/${fd}`, constants.O_RDONLY).catch((cause) => {
      const unreachable = withoutProc('A file that is served can be opened again', cause);
      if (unreachable) throw unreachable;
      // A descriptor that is open: whatever else the system says of it, no path of a client's is the cause.
      const meant = codeFor(cause);
      const code = meant === 'ERR_SLUICE_LIMIT' ? meant : 'ERR_SLUICE_IO';
      throw fromErrno(cause, `The file could not be opened to be summed (${codeOf(cause)})`, { code });
    });
    const digests = opened.then(async (file) => {
      try {
        return await this.#inTurn(() => this.#sum(file, task, abandon.signal), abandon.signal);
      } finally {
        await file.close();
      }
    });
    const computation = { task, opened, digests, abandon, waiting: 0 };
    this.#computations.set(key, computation);
    return computation;
  }

  async #inTurn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#running < this.#atOnce) this.#running++;
    else await this.#turn(signal);
    try {
      return await work();
    } finally {
      const [next] = this.#queue;
      if (next) {
        this.#queue.delete(next);
        next();
      } else this.#running--;
    }
  }

  /** Waits in the queue, for no longer than until the signal fires: nothing is kept for what nobody waits for. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#queue.delete(go);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave);
      this.#queue.add(go);
    });
  }

  async #sum(
    file: FileHandle,
    { version, algorithms, engine, path }: Task,
    signal: AbortSignal,
  ): Promise<ComputedDigests> {
    const stamps = await settledStamps(file.fd, this.#store);
    if (!sameVersion(stamps, version))
      throw new SluiceError('ERR_SLUICE_CHANGED', 'The file changed before it could be summed');
    // What is stored is held against the same bytes: no digest of rot shall be stated or kept.
    const { values: expected, standing } = await expectedOf(file.fd, stamps);
    if (standing.rot) throw foundCorrupt(path ?? 'The file', { path });
    const all = [...new Set([...algorithms, ...expected.keys()])];
    const { values, ...reduced } = await fileDigests(file, stamps, all, { engine, signal });
    const difference = differenceOf(expected, checksumsIn(values));
    if (difference) throw corrupt(path ?? 'the file', difference, await markRotten(file.fd, stamps), path);
    const asked = Object.fromEntries(algorithms.map((name) => [name, values[name]])) as DigestValues;
    await this.#keep(file.fd, checksumsIn(asked), stamps);
    return { values: asked, ...reduced };
  }

  async #keep(fd: number, values: Checksums, version: BigIntStats): Promise<void> {
    if (this.#store.length === 0 || values.keys().length === 0) return;
    try {
      await storeChecksums(fd, values, { profiles: this.#store, version });
    } catch (error) {
      // A file system without attributes, a file of somebody else's: the values hold without being kept.
      if (!(error instanceof SluiceError)) throw error;
    }
  }
}
