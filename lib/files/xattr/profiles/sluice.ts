import { type AlgorithmName, algorithms, toHex } from '../../../engine/algorithms.js';
import { type ComposedValue, origins, type ProfileFormat, type StatedValue } from './profile.js';
import { amendRecord, isAbout, parseRecord, recordAttribute } from './record.js';

/** Text of a value's field: `08d6d55b/written`. */
function fieldOf({ algorithm, value, origin }: ComposedValue): [AlgorithmName, string] {
  return [algorithm, `${toHex(algorithm, value)}/${origin}`];
}

/** This package's own: all algorithms in one attribute, and a change of size or of one nanosecond of mtime is told. */
export const sluice: ProfileFormat = {
  names: recordAttribute,
  attributes: Object.fromEntries(algorithms.map((name) => [name, recordAttribute])),
  parse(content, _, now) {
    const record = parseRecord(content);
    if (record === undefined) return undefined;
    const state = isAbout(record, now) ? 'fresh' : 'stale';
    return algorithms.flatMap((algorithm): StatedValue[] => {
      const [hex, from] = record.fields.get(algorithm)?.split('/') ?? [];
      if (hex === undefined) return [];
      const origin = origins.find((name) => name === from);
      return [{ algorithm, value: BigInt(`0x${hex}`), state, ...(origin && { origin }) }];
    });
  },
  compose(values, version) {
    return amendRecord(undefined, version, values.map(fieldOf)) as Buffer;
  },
  amend(content, gone, values, version) {
    const removed = gone.map((name) => [name, undefined] as const);
    return amendRecord(content, version, [...removed, ...values.map(fieldOf)]);
  },
};
