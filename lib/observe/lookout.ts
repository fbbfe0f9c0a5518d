import type { AlgorithmName } from '../engine/algorithms.js';
import { SluiceError } from '../errors/errors.js';
import { readChecksums } from '../files/xattr/read.js';
import type { NativeObserver } from '../native/index.js';
import { type Position, walk } from '../scrub/tree.js';

type Selects = (fd: number, ctimeNs: bigint) => boolean | Promise<boolean>;

/** The clock of time stamps goes in ticks, and what was under way then is told later: in nanoseconds. */
const margin = 2_000_000_000n;

function pathOf(folder: Buffer, position: Position): Buffer {
  const below = Buffer.from(position.join('/'), 'latin1');
  return folder.at(-1) === '/'.charCodeAt(0)
    ? Buffer.concat([folder, below])
    : Buffer.concat([folder, Buffer.from('/'), below]);
}

/** Has files looked at that nobody told of. Folders are walked one after the other. */
export class Lookout {
  readonly #observer: NativeObserver;
  readonly #algorithms: readonly AlgorithmName[];
  #walks: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(observer: NativeObserver, algorithms: readonly AlgorithmName[]) {
    this.#observer = observer;
    this.#algorithms = algorithms;
  }

  /** Those of a folder that keep no value of what they are now. */
  newcomers(folder: Buffer): void {
    this.#walk(folder, (fd) => this.#lacksValue(fd));
  }

  /** Those of a folder that may have changed since, in nanoseconds since 1970. */
  changedSince(folder: Buffer, sinceNs: bigint): void {
    this.#walk(folder, (_, ctimeNs) => ctimeNs >= sinceNs - margin);
  }

  /** Ends the walk that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#walks;
  }

  async #lacksValue(fd: number): Promise<boolean> {
    try {
      const kept = await readChecksums(fd, { profiles: ['sluice'], algorithms: this.#algorithms });
      const fresh = kept.flatMap((each) => (each.state === 'fresh' ? [each.algorithm] : []));
      return !this.#algorithms.every((name) => fresh.includes(name));
    } catch (error) {
      if (error instanceof SluiceError) return true;
      throw error;
    }
  }

  #walk(folder: Buffer, selects: Selects): void {
    this.#walks = this.#walks.then(async () => {
      if (this.#stopped) return;
      for await (const { handle, position } of walk(folder, { oneFileSystem: true })) {
        if (!handle) continue; // it can't be summed either
        const { ctimeNs } = await handle.stat({ bigint: true });
        if (await selects(handle.fd, ctimeNs)) this.#observer.lookAt(handle.fd, pathOf(folder, position));
        await handle.close();
        if (this.#stopped) return;
      }
    });
  }
}
