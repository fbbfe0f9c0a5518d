/** How others write: a program in C that writes one file or many, with little memory where it is asked for, and nginx. */

import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KiB, MiB } from '#lib/measure/binary-size.js';
import { programPath, runYardstick } from '#lib/measure/programs.js';
import type { Pass } from '#lib/measure/rounds.js';
import { writeAndDelete } from './file-set.js';
import type { MemoryGroup } from './memory-group.js';
import { Nginx } from './nginx.js';
import type { Writing } from './observers.js';

export interface Stored {
  count: number;
  /** Of each. */
  bytes: number;
}

/** What a write has at most. */
const block = 256 * KiB;

/** Each pass has a folder of its own, in `folder`. Large files make room for the next ones. */
class Places {
  readonly #folder: string;
  readonly #what: Stored;
  static #last = 0;
  #now = 0;

  constructor(folder: string, what: Stored) {
    this.#folder = folder;
    this.#what = what;
  }

  get now(): string {
    return join(this.#folder, String(this.#now));
  }

  async next(): Promise<void> {
    const { count, bytes } = this.#what;
    // Many files are left in place: ext4 does not use an inode for a minute after its file went.
    if (bytes > MiB) await rm(this.now, { recursive: true, force: true });
    this.#now = ++Places.#last;
    await mkdir(this.now, { recursive: true });
    // Beside it: an observer of the folder would follow this file, too.
    await writeAndDelete(join(dirname(this.#folder), 'warm-up'), bytes * count);
  }

  paths(): string[] {
    return Array.from({ length: this.#what.count }, (_, i) => join(this.now, String(i)));
  }
}

/** A program of its own writes into `folder`. What it writes is observed in `observed`, that folder or another one. */
export function stored(
  program: string,
  what: Stored,
  { folder, observed = folder, group }: { folder: string; observed?: string; group?: MemoryGroup },
): Writing {
  const places = new Places(folder, what);
  return {
    folder: observed,
    files: observed === folder ? what.count : 0,
    prepare: () => places.next(),
    paths: () => places.paths(),
    write(signal) {
      const args = [places.now, what.count, what.bytes, block].map(String);
      const [first, ...others] = group?.command(program, args) ?? [program, ...args];
      return runYardstick(first, others, signal);
    },
  };
}

/** From the close of one file to its attribute, while nothing else happens. */
export function awaited(
  program: string,
  bytes: number,
  folder: string,
  attribute: string,
): { prepare(): Promise<void>; pass(signal?: AbortSignal): Promise<Pass> } {
  const places = new Places(folder, { count: 1, bytes });
  return {
    prepare: () => places.next(),
    async pass(signal) {
      const args = [places.now, 1, bytes, block, attribute].map(String);
      const { took } = await runYardstick(program, args, signal);
      return { bytes, took };
    },
  };
}

/** Of nginx on Debian, where nothing else is said. */
const usualBuffer = 16 * KiB;

/** A file that is PUT to nginx, which sums nothing. It gathers it beside, and renames it. */
export class NginxPut implements Writing, Disposable {
  readonly files = 1;
  readonly folder: string;
  readonly #places: Places;
  readonly #nginx: Nginx;
  readonly #file: string;

  private constructor(folder: string, token: string, nginx: Nginx, file: { path: string; bytes: number }) {
    this.folder = folder;
    this.#nginx = nginx;
    this.#file = file.path;
    this.#places = new Places(join(folder, token), { count: 1, bytes: file.bytes });
  }

  /** @returns or why there is none */
  static async start(folder: string, file: { path: string; bytes: number }): Promise<NginxPut | string> {
    const token = randomUUID();
    const nginx = await Nginx.start([usualBuffer], folder, token, join(folder, 'nginx'));
    return typeof nginx === 'string' ? nginx : new NginxPut(folder, token, nginx, file);
  }

  prepare(): Promise<void> {
    return this.#places.next();
  }

  paths(): string[] {
    return this.#places.paths();
  }

  async write(signal: AbortSignal | undefined): Promise<Required<Pass>> {
    const before = this.#nginx.cpu();
    const port = String(this.#nginx.ports.get(usualBuffer));
    const client = programPath('upload') as string;
    const put = await runYardstick(client, [port, this.#file, '1', '1'], signal, {
      SLUICE_UPLOAD_FOLDER: this.#places.now.slice(this.folder.length + 1),
    });
    const { userNs, systemNs } = this.#nginx.cpu();
    const took = {
      wallNs: put.took.wallNs,
      userNs: userNs - before.userNs,
      systemNs: systemNs - before.systemNs,
    };
    return { ...put, took };
  }

  [Symbol.dispose](): void {
    this.#nginx.stop();
  }
}
