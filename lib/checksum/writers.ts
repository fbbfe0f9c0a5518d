import { checksum } from './checksum.js';
import type { FileLike } from './file-like.js';

/**
 * Whoever sums no byte of a file still takes a lease, which nobody gets while the file is open or mapped for writing.
 *
 * A lease that lasted for as long as a file is read elsewhere would hold writers up. So one before and one behind it see
 * whoever writes at these moments; who comes and goes in between moves ctime.
 *
 * @throws ERR_SLUICE_WRITER, or ERR_SLUICE_CHANGED if somebody came just now
 */
export async function refuseWriters(source: FileLike): Promise<void> {
  await checksum(source, { engine: 'userspace', range: { start: 0, end: 0 } });
}
