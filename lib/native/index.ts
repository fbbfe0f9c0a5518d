/** The whole native surface, and the one place that loads it. */

import { createRequire } from 'node:module';
import { SluiceError } from '../errors/errors.js';
import type { NativeEngine } from './engine.js';
import type { NativeFiles } from './files.js';
import type { NativeLibbpf } from './libbpf.js';
import type { NativeObserve } from './observe.js';
import { packageRoot } from './package-root.js';
import type { NativeRelay } from './relay.js';
import type { NativeSystem } from './system.js';

export type * from './engine.js';
export type * from './files.js';
export type * from './observe.js';
export type * from './refusal.js';
export type * from './relay.js';
export type * from './system.js';
export { packageRoot };

type Native = NativeEngine & NativeFiles & NativeObserve & NativeRelay & NativeSystem & NativeLibbpf;

function load(): Native {
  try {
    const find = createRequire(import.meta.url)('node-gyp-build') as (root: string) => Native;
    return find(packageRoot);
  } catch (cause) {
    throw new SluiceError(
      'ERR_SLUICE_NO_BINARY',
      `There is no binary of sluice for ${process.platform}-${process.arch}, or it does not load (${(cause as Error).message.split('\n')[0]})`,
      { cause },
    );
  }
}

export const native: Native = load();
