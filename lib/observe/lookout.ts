import { isShortage, leadsNowhere } from '../errors/errno.js';
import type { SluiceError } from '../errors/errors.js';
import { FileHandle } from '../files/open-file.js';
import type { NativeObserver } from '../native/index.js';
import { type Position, walk } from '../scrub/tree.js';
import { lacksValue, missedSince, type Selects } from './missed.js';
import type { CheckedObserveOptions } from './options.js';
import { answered } from './refusal.js';

/** The clock of time stamps goes in ticks, and what was under way then is told later: in nanoseconds. */
const margin = 2_000_000_000n;

const nameAt = (position: Position) => Buffer.from(position.at(-1) ?? '', 'latin1');

/** To walk. */
export interface Folder {
  path: Buffer;
  /** Of one that was moved: the observer's name of it. */
  id?: Buffer;
}

/**
 * Has files looked at that nobody told of. Folders that are moved in are walked one after the other; who moves them all the
 * time does not delay the walks for what was lost.
 */
export class Lookout {
  readonly #observer: NativeObserver;
  readonly #options: CheckedObserveOptions;
  readonly #unwalked: (error: SluiceError) => void;
  readonly #begunNs = BigInt(Date.now()) * 1_000_000n;
  /** Those for what was lost, and those of newcomers. */
  #walks: Promise<void> = Promise.resolve();
  #visits: Promise<void> = Promise.resolve();
  /** Newcomers that no walk has begun with. */
  readonly #unvisited = new Set<string>();
  #stopped = false;

  /** @param unwalked told what a walk could not come to */
  constructor(
    observer: NativeObserver,
    options: CheckedObserveOptions,
    unwalked: (error: SluiceError) => void,
  ) {
    this.#observer = observer;
    this.#options = options;
    this.#unwalked = unwalked;
  }

  /**
   * Those of a folder that was moved that do not keep values of what they are now; all, where none are to be kept.
   *
   * @param id the observer's name of it, which it keeps when it is moved on
   */
  newcomers(path: Buffer, id: Buffer): void {
    const { profiles, algorithms } = this.#options;
    const key = id.toString('latin1');
    if (this.#unvisited.has(key)) {
      this.#observer.walked();
      return;
    }
    this.#unvisited.add(key);
    this.#visits = this.#visits.then(() => {
      this.#unvisited.delete(key);
      return this.#walkAll(
        [{ path, id }],
        (file) => profiles.length === 0 || lacksValue(file, profiles, algorithms),
      );
    });
  }

  /** Those of some folders that something may have happened to since, in nanoseconds since 1970. */
  changedSince(folders: readonly Folder[], sinceNs: bigint): void {
    this.lookFor(folders, missedSince(sinceNs - margin, this.#begunNs - margin, this.#options));
  }

  /** Those of some folders that are selected. */
  lookFor(folders: readonly Folder[], selects: Selects): void {
    this.#walks = this.#walks.then(() => this.#walkAll(folders, selects));
  }

  /** Ends the walks that are under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([this.#walks, this.#visits]);
  }

  async #walkAll(folders: readonly Folder[], selects: Selects): Promise<void> {
    let whole = true;
    for (const folder of folders) {
      try {
        whole = (await this.#walk(folder, selects)) && whole;
      } catch (error) {
        whole = this.#miss(error as SluiceError) && whole;
      }
    }
    // Otherwise the next observation with this journal looks for it once more.
    if (whole && !this.#stopped) this.#observer.walked();
  }

  /** Whether another walk would not come to it, either: a shortage passes. */
  #miss(error: SluiceError): boolean {
    this.#unwalked(error);
    return !isShortage(error.cause ?? error.errno);
  }

  /** Whether there is nothing that another walk might come to. */
  async #walk({ path: folder, id }: Folder, selects: Selects): Promise<boolean> {
    let whole = true;
    if (this.#stopped) return whole;
    const opened = id && answered(this.#observer.openFolder(id), folder.toString());
    if (id && !opened) return whole; // it is gone
    const walked = walk(folder, {
      oneFileSystem: true,
      opened: opened && new FileHandle(opened),
      // It may have been moved on, and there may be a link in the place of a root.
      accepts: ({ fd }) => answered(this.#observer.contains(fd), folder.toString()),
    });
    for await (const { error, handle, path, folder: within, folders, position } of walked) {
      if (error) {
        if (!leadsNowhere(error.cause)) whole = this.#miss(error) && whole; // it was moved on otherwise
        continue;
      }
      await using file = handle;
      const stats = await file.stat({ bigint: true });
      try {
        if (await selects({ path, fd: file.fd, stats, folders }))
          answered(this.#observer.lookAt(file.fd, within.fd, nameAt(position)), path);
      } catch (error) {
        whole = this.#miss(error as SluiceError) && whole;
      }
      if (this.#stopped) break;
    }
    return whole;
  }
}
