import { expect, it } from 'vitest';
import { SluiceError } from '../../lib/index.js';
import { fileError } from '../../lib/measure/file-error.js';

it.each([
  ['EROFS', 30, 'ERR_SLUICE_PERMISSION'],
  ['EACCES', 13, 'ERR_SLUICE_PERMISSION'],
  ['ENOSPC', 28, 'ERR_SLUICE_NO_SPACE'],
  ['Unknown system error -122', 122, 'ERR_SLUICE_NO_SPACE'],
  ['EIO', 5, 'ERR_SLUICE_IO'],
])('says what %s means', (code, errno, expected) => {
  const error = Object.assign(new Error(`${code}: open`), { code, errno: -errno, syscall: 'open' });
  expect(fileError(error, '/storage')).toMatchObject({
    code: expected,
    path: '/storage',
    errno,
    cause: error,
  });
});

it('leaves every other error alone', () => {
  const bug = new TypeError('undefined is not a function');
  expect(fileError(bug, '/storage')).toBe(bug);
  const known = new SluiceError('ERR_SLUICE_RANGE', 'A range');
  expect(fileError(known, '/storage')).toBe(known);
});
