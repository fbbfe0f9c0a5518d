import { hexText } from './hex.js';
import type { ProfileFormat } from './profile.js';

/** The text that xrootd-multiuser and the Lua scripts of nginx sites read and write. Its CRC32 is zlib's. */
export const human: ProfileFormat = hexText({
  adler32: 'user.XrdCks.Human.ADLER32',
  crc32: 'user.XrdCks.Human.CRC32',
  crc32c: 'user.XrdCks.Human.CRC32C',
});
