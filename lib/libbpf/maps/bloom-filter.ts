/** Bloom filters (5.16). */

import type { BtfValue } from '../btf/codec.js';
import { type Codec, encode } from '../codec.js';
import { Handle, refuseStrangers } from '../handle.js';
import type { BpfMap } from './bpf-map.js';
import { type Codecs, expectType, valueCodec } from './codecs.js';

export function bloomFilter<V = BtfValue>(
  map: BpfMap,
  codecs: Pick<Codecs<never, V>, 'value'> = {},
): BloomFilter<V> {
  expectType(map, 'bloom filter', ['bloom_filter']);
  return new BloomFilter(map, valueCodec(map, codecs));
}

export class BloomFilter<V> extends Handle {
  readonly map: BpfMap;
  readonly #value: Codec<V>;

  /** @internal */
  constructor(map: BpfMap, value: Codec<V>) {
    super();
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

  static {
    refuseStrangers(BloomFilter);
  }
}
