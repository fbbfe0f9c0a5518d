import { type AlgorithmName, algorithms, toHex } from '../../engine/algorithms.js';
import type { Origin, ProfileFormat, StatedValue } from './profile.js';

/*
 * One line of text in one attribute, because ext4 keeps few bytes of attributes beside an inode:
 *
 *     v1 size=1024 mtime=1763730000123456789 adler32=08d6d55b/engine crc32c=4fbcefbb/reread
 *
 * size in bytes, mtime in nanoseconds since 1970; then one field for each algorithm: its value, and where that comes from.
 */
const attribute = 'user.sluice';
const record = /^v1 size=(\d{1,20}) mtime=(-?\d{1,20})((?: [0-9a-z]+=[0-9a-f]+\/(?:engine|reread))+)$/;

/** This package's own: all algorithms, and a change of size or of one nanosecond of mtime is told. */
export const sluice: ProfileFormat = {
  attributes: Object.fromEntries(algorithms.map((name) => [name, attribute])),
  parse(content, _, now) {
    const [, size, mtime, fields] = record.exec(content.toString('latin1')) ?? [];
    if (size === undefined || mtime === undefined || fields === undefined) return undefined;
    const state = BigInt(size) === now.size && BigInt(mtime) === now.mtimeNs ? 'fresh' : 'stale';
    const stated = new Map<AlgorithmName, StatedValue>();
    for (const field of fields.slice(1).split(' ')) {
      const [name, hex, origin] = field.split(/[=/]/) as [AlgorithmName, string, Origin];
      if (!algorithms.includes(name) || hex.length !== toHex(name, 0n).length || stated.has(name))
        return undefined;
      stated.set(name, { algorithm: name, value: BigInt(`0x${hex}`), state, origin });
    }
    return [...stated.values()];
  },
  compose(values, { size, mtimeNs }) {
    const fields = values.map(
      ({ algorithm, value, origin }) => `${algorithm}=${toHex(algorithm, value)}/${origin}`,
    );
    return Buffer.from(`v1 size=${size} mtime=${mtimeNs} ${fields.sort().join(' ')}`);
  },
};
