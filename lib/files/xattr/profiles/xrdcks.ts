import type { ComposedValue, FileVersion, ProfileFormat } from './profile.js';

/**
 * XRootD's record (XrdCksData), 96 bytes, integers big-endian:
 *
 *      0  name, padded with NUL     char[16]
 *     16  the file's mtime, s       int64
 *     24  time of the sum, - mtime  int32
 *     28  reserved                  3 bytes
 *     31  length of the value       int8
 *     32  value                     64 bytes
 */
const size = 96;
const at = { mtime: 16, delay: 24, length: 31, value: 32 } as const;
const nameSize = 16;
const valueLength = 4;

/** Whole seconds as stat(2) gives them: nanoseconds count upwards, before 1970 too. */
function seconds({ mtimeNs }: FileVersion): bigint {
  const second = 1_000_000_000n;
  const rest = ((mtimeNs % second) + second) % second;
  return (mtimeNs - rest) / second;
}

function reversed(value: bigint): bigint {
  const bytes = Buffer.alloc(valueLength);
  bytes.writeUInt32LE(Number(value));
  return BigInt(bytes.readUInt32BE());
}

const names = 'user.XrdCks.';

/**
 * XRootD's own, which `xrdadler32` and the server read and write. It tells a change by mtime, in whole seconds.
 *
 * Values are big-endian: the crc32c of `123456789` is e3 06 92 83, as XRootD 5.4 (the first with crc32c) to 6.1 write it.
 * The version after that combines the CRCs of pieces (its pull request 2883), of which a review found a way that leaves
 * the machine's order, and nothing in a record tells. Rot looks like it by chance once in 2^32.
 *
 * What XRootD calls crc32 is the sum of POSIX cksum up to 6.1, and zlib's after it. A record does not say which, so there
 * is no place for that here.
 */
export const xrdcks: ProfileFormat = {
  names,
  attributes: { adler32: `${names}adler32`, crc32c: `${names}crc32c` },
  wholeSeconds: true,
  otherMeaning: (algorithm, stored) => (algorithm === 'crc32c' ? reversed(stored) : undefined),
  parse(content, algorithm, now) {
    if (content.length !== size || content.readInt8(at.length) !== valueLength) return undefined;
    const name = content.toString('latin1', 0, nameSize);
    if (name.replace(/\0.*$/s, '') !== algorithm) return undefined;
    const value = BigInt(content.readUInt32BE(at.value));
    return [
      { algorithm, value, state: content.readBigInt64BE(at.mtime) === seconds(now) ? 'fresh' : 'stale' },
    ];
  },
  compose([single], version) {
    const { algorithm, value } = single as ComposedValue;
    const record = Buffer.alloc(size);
    record.write(algorithm, 'latin1');
    const mtime = seconds(version);
    record.writeBigInt64BE(mtime, at.mtime);
    const delay = Math.floor(Date.now() / 1000) - Number(mtime);
    record.writeInt32BE(Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, delay)), at.delay);
    record.writeInt8(valueLength, at.length);
    record.writeUInt32BE(Number(value), at.value);
    return record;
  },
};
