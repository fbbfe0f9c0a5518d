/** Arrays and hashes of maps. */

import type { BtfValue } from '../btf/codec.js';
import { type Codec, encode, u32 } from '../codec.js';
import { Handle, handle, refuseStrangers } from '../handle.js';
import { BpfMap } from './bpf-map.js';
import { type Codecs, expectType, keyCodec } from './codecs.js';

/** A view of a map of the type `array_of_maps` or `hash_of_maps`. */
export function mapOfMaps<K = BtfValue>(
  map: BpfMap,
  codecs: Pick<Codecs<K, never>, 'key'> = {},
): MapOfMaps<K> {
  expectType(map, 'map of maps', ['array_of_maps', 'hash_of_maps']);
  return new MapOfMaps(map, keyCodec(map, codecs));
}

export class MapOfMaps<K> extends Handle {
  readonly map: BpfMap;
  readonly #key: Codec<K>;

  /** @internal */
  constructor(map: BpfMap, key: Codec<K>) {
    super();
    this.map = map;
    this.#key = key;
  }

  /** The kernel hands out ids, and opening a map by its id needs CAP_SYS_ADMIN. The map returned is the caller's to close. */
  get(key: K): BpfMap | undefined {
    const id = this.map.native.lookup(encode(this.#key, key), 0);
    return id && BpfMap.fromId(id.readUInt32LE());
  }

  /** The inner map stays alive as long as it is in here. */
  set(key: K, inner: BpfMap): void {
    this.map.native.update(encode(this.#key, key), encode(u32, handle('The inner map', BpfMap, inner).fd), 0);
  }

  delete(key: K): boolean {
    return this.map.native.delete(encode(this.#key, key));
  }

  static {
    refuseStrangers(MapOfMaps);
  }
}
