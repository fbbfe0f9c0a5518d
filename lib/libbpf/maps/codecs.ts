/** Which codecs a map's keys and values go through. */

import { SluiceError } from '../../errors/errors.js';
import { native } from '../../native/index.js';
import { bad, optionsOf } from '../arguments.js';
import { array, bytes, type Codec, expectCodec } from '../codec.js';
import { handle } from '../handle.js';
import { BpfMap } from './bpf-map.js';

/** The codecs that a caller names; for the others the BTF of the object decides, and where it is silent, bytes. */
export interface Codecs<K, V> {
  key?: Codec<K>;
  /** Of a per-CPU map: that of one CPU. */
  value?: Codec<V>;
}

/** One value for every possible CPU, as per-CPU maps copy them: each padded to 8 bytes. */
export function perCpu<T>(value: Codec<T>): Codec<T[]> {
  const padded: Codec<T> = {
    size: Math.ceil(value.size / 8) * 8,
    read: (from, at) => value.read(from, at),
    write: (to, at, one) => value.write(to, at, one),
  };
  return array(padded, native.possibleCpus());
}

export function keyCodec<K>(map: BpfMap, codecs: Pick<Codecs<K, never>, 'key'>): Codec<K> {
  const given = optionsOf(codecs, ['key']).key;
  return fitting(map, 'key', map.keySize, given ?? map.codecs.key() ?? bytes(map.keySize)) as Codec<K>;
}

export function valueCodec<V>(map: BpfMap, codecs: Pick<Codecs<never, V>, 'value'>): Codec<V> {
  const given = optionsOf(codecs, ['value']).value;
  return fitting(
    map,
    'value',
    map.valueSize,
    given ?? map.codecs.value() ?? bytes(map.valueSize),
  ) as Codec<V>;
}

function fitting(
  map: BpfMap,
  what: string,
  size: number,
  codec: Codec<never> | Codec<unknown>,
): Codec<unknown> {
  if (expectCodec(codec).size !== size) {
    throw new SluiceError(
      'ERR_SLUICE_VALUE',
      `The ${what} of the map ${map.name} has ${size} bytes, its codec ${codec.size}`,
    );
  }
  return codec as Codec<unknown>;
}

/** A map's kind must be one of those that a view of it serves. */
export function expectType(map: BpfMap, view: string, types: readonly string[]): void {
  const { type, name } = handle('The map', BpfMap, map);
  if (!types.includes(type)) throw bad(`A ${view} can't serve the map ${name}, which is a ${type}`);
}
