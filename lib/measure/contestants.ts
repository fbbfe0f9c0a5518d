/** Our own backends, and the plain movement of bytes that they are held against, as contestants on one file. */

import { checksum } from '../checksum/checksum.js';
import type { AlgorithmName } from '../engine/algorithms.js';
import { type Backend, traits } from '../engine/backends.js';
import { type NativeOutcome, native } from '../native/index.js';
import { readFailure } from '../system/native-failures.js';
import { dropFromCache } from './page-cache.js';
import type { Contestant, Parameters, Pass } from './rounds.js';

export interface PassOptions {
  /** Threads that share the file. Default 1. */
  threads?: number;
  /** Default: warm. */
  cache?: 'warm' | 'cold' | 'direct';
}

function onFile(
  name: string,
  path: string,
  parameters: Pick<Parameters, 'backend' | 'algorithm'>,
  { threads = 1, cache = 'warm' }: PassOptions,
  pass: Contestant['pass'],
): Contestant {
  const suffix = `${threads > 1 ? `, ${threads} threads` : ''}${cache === 'warm' ? '' : `, ${cache}`}`;
  return {
    name: name + suffix,
    parameters: { ...parameters, threads, cache },
    pass,
    ...(cache === 'cold' && { prepare: () => dropFromCache(path) }),
  };
}

/** The backends' own loops with nothing to reduce: the same buffers and pipes, and no more than their cost. */
async function moveOnly(path: string, backend: Backend, options: PassOptions): Promise<Pass> {
  const { threads = 1, cache = 'warm' } = options;
  const outcome = await new Promise<NativeOutcome>((done) => {
    native.checksum(
      {
        source: path,
        algorithms: 0,
        backend,
        backendFrom: 0,
        fallback: false,
        bypassCache: cache === 'direct',
        start: 0,
        end: -1,
        threads,
        pool: threads,
      },
      done,
    );
  });
  if (outcome.failure) throw readFailure(outcome, path, path);
  return { bytes: outcome.bytes };
}

/** Reads the file into a buffer, and nothing else. */
export function plainRead(path: string, options: PassOptions = {}): Contestant {
  return onFile('plain read', path, { backend: 'none' }, options, () => moveOnly(path, 'userspace', options));
}

/** Splices the file through a pipe to /dev/null. Needs the kernel engine. */
export function plainSplice(path: string, options: PassOptions = {}): Contestant {
  return onFile('splice', path, { backend: 'none' }, options, () => moveOnly(path, 'bpf', options));
}

/** One of the backends. */
export function reducedBy(
  path: string,
  backend: Backend,
  algorithm: AlgorithmName,
  options: PassOptions = {},
): Contestant {
  const { threads = 1, cache = 'warm' } = options;
  return onFile(traits[backend].name, path, { backend, algorithm }, options, async (signal) => {
    const { bytes, value } = await checksum(path, {
      algorithms: [algorithm],
      engine: traits[backend].engine,
      threads,
      cache: cache === 'direct' ? 'bypass' : 'use',
      ...(signal && { signal }),
    });
    return { bytes, value };
  });
}
