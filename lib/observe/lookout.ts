import type { FileHandle } from '../files/open-file.js';
import type { NativeObserver } from '../native/index.js';
import { type Position, walk } from '../scrub/tree.js';
import { lacksValue, missedSince, type Selects } from './missed.js';
import type { CheckedObserveOptions } from './options.js';

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
  readonly #options: CheckedObserveOptions;
  readonly #begunNs = BigInt(Date.now()) * 1_000_000n;
  #walks: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(observer: NativeObserver, options: CheckedObserveOptions) {
    this.#observer = observer;
    this.#options = options;
  }

  /** Those of a folder that do not keep values of what they are now; all, where none are to be kept. */
  newcomers(folder: Buffer): void {
    const { profiles, algorithms } = this.#options;
    this.lookFor([folder], (file) => profiles.length === 0 || lacksValue(file, profiles, algorithms));
  }

  /** Those of some folders that something may have happened to since, in nanoseconds since 1970. */
  changedSince(folders: readonly Buffer[], sinceNs: bigint): void {
    this.lookFor(folders, missedSince(sinceNs - margin, this.#begunNs - margin, this.#options));
  }

  /** Those of some folders that are selected. */
  lookFor(folders: readonly Buffer[], selects: Selects): void {
    this.#walks = this.#walks.then(async () => {
      for (const folder of folders) await this.#walk(folder, selects);
      if (!this.#stopped) this.#observer.walked();
    });
  }

  /** Ends the walk that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#walks;
  }

  async #walk(folder: Buffer, selects: Selects): Promise<void> {
    if (this.#stopped) return;
    // Where a folder was moved to, its owner may have put a link meanwhile.
    const accepts = ({ fd }: FileHandle) => this.#observer.contains(fd);
    const walked = walk(folder, { oneFileSystem: true, accepts });
    for await (const { handle, folder: within, folders, position } of walked) {
      if (!handle) continue; // it can't be summed either
      const stats = await handle.stat({ bigint: true });
      if (await selects({ fd: handle.fd, stats, folders }))
        this.#observer.lookAt(handle.fd, within.fd, pathOf(folder, position));
      await handle.close();
      if (this.#stopped) return;
    }
  }
}
