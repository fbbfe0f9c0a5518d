/** Bloom filters (5.16). */

import type { BtfValue } from '../btf/codec.js';
import { type Codec, encode } from '../codec.js';
import type { BpfMap } from './bpf-map.js';
import { type Codecs, expectType, valueCodec } from './codecs.js';

export function bloomFilter<V = BtfValue>(
  map: BpfMap,
  codecs: Pick<Codecs<never, V>, 'value'> = {},
): BloomFilter<V> {
  expectType(map, 'bloom filter', ['bloom_filter']);
  return new BloomFilter(map, valueCodec(map, codecs.value));
}

export class BloomFilter<V> {
  readonly map: BpfMap;
  readonly #value: Codec<V>;

  /** @internal */
  constructor(map: BpfMap, value: Codec<V>) {
    this.map = map;
    this.#value = value;
  }

  add(value: V): void {
    this.map.native.update(undefined, encode(this.#value, value), 0);
  }

  /** `false` is certain, `true` is not. */
  mayHave(value: V): boolean {
    return this.map.native.contains(encode(this.#value, value));
  }
}
