import { hexText } from './hex.js';
import type { ProfileFormat } from './profile.js';

const names = 'user.XrdCks.Human.';

/** The text that xrootd-multiuser and the Lua scripts of nginx sites read and write. Its CRC32 is zlib's. */
export const human: ProfileFormat = hexText({
  names,
  attributes: { adler32: `${names}ADLER32`, crc32: `${names}CRC32`, crc32c: `${names}CRC32C` },
});
