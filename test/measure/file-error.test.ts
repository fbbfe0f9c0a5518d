import { expect, it } from 'vitest';
import { SluiceError } from '../../lib/index.js';
import { fileError } from '../../lib/measure/file-error.js';

it.each([
  ['EROFS', 'ERR_SLUICE_PERMISSION'],
  ['EACCES', 'ERR_SLUICE_PERMISSION'],
  ['ENOSPC', 'ERR_SLUICE_OPTION'],
  ['EIO', 'ERR_SLUICE_IO'],
])('says what %s means', (code, expected) => {
  const error = Object.assign(new Error(`${code}: open`), { code, errno: -30, syscall: 'open' });
  expect(fileError(error, '/storage')).toMatchObject({
    code: expected,
    path: '/storage',
    errno: 30,
    cause: error,
  });
});

it('leaves every other error alone', () => {
  const bug = new TypeError('undefined is not a function');
  expect(fileError(bug, '/storage')).toBe(bug);
  const known = new SluiceError('ERR_SLUICE_RANGE', 'A range');
  expect(fileError(known, '/storage')).toBe(known);
});
