import { hexText } from './hex.js';
import type { ProfileFormat } from './profile.js';

/** StoRM WebDAV's: it states the value in every GET and HEAD, and computes it never on demand. */
export const storm: ProfileFormat = hexText({ adler32: 'user.storm.checksum.adler32' });
