import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { unstored } from '../../lib/http/receive/upload-failures.js';

const { ENOSPC, EROFS, EIO } = constants.errno;

it.each([
  ['ENOSPC', ENOSPC, 'ERR_SLUICE_NO_SPACE', 'There is no room for the body (ENOSPC)'],
  // A disk that failed is mounted read-only: its owner must hear of it, and the client may do nothing about it.
  ['EROFS', EROFS, 'ERR_SLUICE_IO', 'The body could not be stored (EROFS)'],
  ['EIO', EIO, 'ERR_SLUICE_IO', 'The body could not be stored (EIO)'],
])('a body whose file says %s to a write has the code that fits', (code, errno, expected, reason) => {
  const cause = Object.assign(new Error(code), { code, errno: -errno, syscall: 'write' });
  expect(unstored(cause)).toMatchObject({ code: expected, reason, errno });
});
