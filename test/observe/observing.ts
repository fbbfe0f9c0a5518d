import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { getAttribute } from '../../lib/files/xattr/attributes.js';
import { type ObserveEvent, type ObserveOptions, observe, type ValueEvent } from '../../lib/observe/index.js';
import { reference } from '../helpers/reference.js';

/** Observes until the test ends, and keeps what was told. */
export class Observed {
  readonly events: ObserveEvent[] = [];
  readonly observation: ReturnType<typeof observe>;
  #wake: () => void = () => {};

  constructor(folders: string | string[], options: ObserveOptions = { method: 'reread' }) {
    this.observation = observe(folders, options);
    const ended = this.#read();
    onTestFinished(async () => {
      await this.observation[Symbol.asyncDispose]();
      await ended;
    });
  }

  async #read(): Promise<void> {
    for await (const event of this.observation) {
      this.events.push(event);
      this.#wake();
    }
  }

  /** The first event, from the `after`th on, that is as it should be. */
  async first<T extends ObserveEvent = ObserveEvent>(
    is: (event: ObserveEvent) => boolean,
    after = 0,
  ): Promise<T> {
    for (;;) {
      const found = this.events.slice(after).find(is);
      if (found) return found as T;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  value(file: string, after = 0): Promise<ValueEvent> {
    return this.first((event) => event.type === 'value' && event.file === file, after);
  }

  /** Every event about a file that happened until now has been told when another file's has. */
  async settled(probe: (path: string) => void, path: string): Promise<void> {
    probe(path);
    await this.value(path);
  }
}

/** What the storm profile keeps with a file, as it should be for what it holds now. */
export function adlerOf(path: string): string {
  return reference('adler32', readFileSync(path)).toString(16).padStart(8, '0');
}

/** What it does keep. */
export async function keptAdler(path: string): Promise<string | undefined> {
  return (await getAttribute(path, 'user.storm.checksum.adler32'))?.toString();
}
