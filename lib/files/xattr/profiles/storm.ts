import { hexText } from './hex.js';
import type { ProfileFormat } from './profile.js';

const names = 'user.storm.checksum.';

/** StoRM WebDAV's: it states the value in every GET and HEAD, and computes it never on demand. */
export const storm: ProfileFormat = hexText({ names, attributes: { adler32: `${names}adler32` } });
