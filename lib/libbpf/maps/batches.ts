/** Many elements of a map by one system call (5.6). */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { listOf } from '../arguments.js';
import { type Codec, decode, encode } from '../codec.js';
import type { BpfMap } from './bpf-map.js';

/** What a view knows of its map. */
export interface Layout<K, V> {
  readonly map: BpfMap;
  readonly key: Codec<K>;
  readonly value: Codec<V>;
}

/** How many elements a batch asks for. */
const batchSize = 256;

/** All elements, each taken out of the map as it is read if they are to be removed. */
// A bucket of the kernel's hash must fit into one batch: there are as many buckets as elements, so few in each.
export function* batches<K, V>({ map, key, value }: Layout<K, V>, remove = false): Generator<[K, V][], void> {
  let cursor: Buffer | undefined;
  for (;;) {
    const batch = map.native.lookupBatch(cursor, batchSize, remove);
    yield Array.from({ length: batch.count }, (_, i): [K, V] => [
      decode(key, batch.keys.subarray(i * key.size)),
      decode(value, batch.values.subarray(i * value.size)),
    ]);
    if (batch.last) return;
    cursor = batch.cursor;
  }
}

/** One after the other, with a turn of the event loop between the batches. */
export async function* inTurns<T>(all: Iterable<T[]>): AsyncGenerator<T, void> {
  for (const batch of all) {
    yield* batch;
    await nextTurn();
  }
}

/** Sets them all; if one can't be set, those before it are. */
export function setBatch<K, V>(
  { map, key, value }: Layout<K, V>,
  entries: readonly (readonly [K, V])[],
): void {
  const keys: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  for (const entry of listOf('The entries', entries)) {
    const [itsKey, itsValue] = listOf<K | V>('An entry', entry) as [K, V];
    keys.push(encode(key, itsKey));
    values.push(encode(value, itsValue));
  }
  if (keys.length > 0) map.native.updateBatch(Buffer.concat(keys), Buffer.concat(values), keys.length);
}
