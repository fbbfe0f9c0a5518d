import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { start } from '../helpers/program.js';

needs('strace');

test('a body that is whole is stored, however long the disk takes', async () => {
  const slow = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'inject=pwritev:delay_enter=2000000'];
  const program = new URL('programs/uploading.mjs', import.meta.url);
  expect(await start(program, [join(temporaryFolder(), 'file')], { under: slow }).line()).toBe('201');
});
