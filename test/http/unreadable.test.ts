import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { start } from '../helpers/program.js';
import { Client, put } from './server.js';

test('a file that the server may not read, and so not keep the attributes of, is refused before the body', async () => {
  const root = temporaryFolder();
  chmodSync(root, 0o777);
  const old = join(root, 'old');
  writeFileSync(old, 'old');
  chmodSync(old, 0o200);
  const { child, ended, line } = start(new URL('programs/receiving.mjs', import.meta.url), [root, '{}']);
  await using client = new Client(Number(await line()));
  await client.send(put('/old', { 'Content-Length': 5, Expect: '100-continue' }));
  const answer = await client.until('ERR_SLUICE_');
  expect(answer).toContain('HTTP/1.1 403 Forbidden');
  expect(answer).toContain('ERR_SLUICE_PERMISSION');
  expect(answer).not.toContain('HTTP/1.1 100');
  child.kill();
  await ended;
  chmodSync(old, 0o600);
  expect(readFileSync(old, 'utf8')).toBe('old');
});
