/** Queues and stacks. */

import { oneOf } from '../arguments.js';
import type { BtfValue } from '../btf/codec.js';
import { type Codec, decode, encode } from '../codec.js';
import { Handle, refuseStrangers } from '../handle.js';
import type { BpfMap } from './bpf-map.js';
import { type Codecs, expectType, valueCodec } from './codecs.js';

/** A view of a map of the type `queue` (first in, first out) or `stack` (last in, first out). */
export function queueMap<V = BtfValue>(
  map: BpfMap,
  codecs: Pick<Codecs<never, V>, 'value'> = {},
): QueueMap<V> {
  expectType(map, 'queue', ['queue', 'stack']);
  return new QueueMap(map, valueCodec(map, codecs));
}

const BPF_EXIST = 2;

export class QueueMap<V> extends Handle {
  readonly map: BpfMap;
  readonly #value: Codec<V>;

  /** @internal */
  constructor(map: BpfMap, value: Codec<V>) {
    super();
    this.map = map;
    this.#value = value;
  }

  /**
   * @param whenFull `refuse` throws ERR_SLUICE_BPF (E2BIG), `drop` drops the oldest value
   */
  push(value: V, whenFull: 'refuse' | 'drop' = 'refuse'): void {
    const flags = oneOf('What to do', whenFull, ['refuse', 'drop']) === 'drop' ? BPF_EXIST : 0;
    this.map.native.update(undefined, encode(this.#value, value), flags);
  }

  pop(): V | undefined {
    const found = this.map.native.lookupAndDelete(undefined);
    return found && decode(this.#value, found);
  }

  peek(): V | undefined {
    const found = this.map.native.lookup(undefined, 0);
    return found && decode(this.#value, found);
  }

  static {
    refuseStrangers(QueueMap);
  }
}
