/** Maps of sockets, which sk_skb and sk_msg programs redirect between. */

import type { BtfValue } from '../btf/codec.js';
import { type Codec, encode, u32 } from '../codec.js';
import { Handle, refuseStrangers } from '../handle.js';
import type { BpfMap } from './bpf-map.js';
import { type Codecs, expectType, keyCodec } from './codecs.js';

/** A view of a map of the type `sockmap` or `sockhash`. */
export function socketMap<K = BtfValue>(
  map: BpfMap,
  codecs: Pick<Codecs<K, never>, 'key'> = {},
): SocketMap<K> {
  expectType(map, 'socket map', ['sockmap', 'sockhash']);
  return new SocketMap(map, keyCodec(map, codecs));
}

export class SocketMap<K> extends Handle {
  readonly map: BpfMap;
  readonly #key: Codec<K>;

  /** @internal */
  constructor(map: BpfMap, key: Codec<K>) {
    super();
    this.map = map;
    this.#key = key;
  }

  /** @param socket descriptor of a connected socket; the kernel takes it out again when the socket is closed */
  set(key: K, socket: number): void {
    const value = new Uint8Array(this.map.valueSize);
    value.set(encode(u32, socket));
    this.map.native.update(encode(this.#key, key), value, 0);
  }

  delete(key: K): boolean {
    return this.map.native.delete(encode(this.#key, key));
  }

  static {
    refuseStrangers(SocketMap);
  }
}
