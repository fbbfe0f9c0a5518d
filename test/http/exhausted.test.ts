import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { start } from '../helpers/program.js';
import { Client, put } from './server.js';

test('a server without a descriptor left answers 503, and when to come again; stderr has the reason', async () => {
  const root = temporaryFolder();
  writeFileSync(join(root, 'old'), 'old');
  const program = new URL('programs/scarce.mjs', import.meta.url);
  const server = start(program, [root], { under: ['prlimit', '--nofile=256'] });
  const port = Number(await server.line());
  const exchange = async (...parts: string[]) => {
    await using client = new Client(port);
    await client.send(...parts);
    return await client.end();
  };
  const get = (fields: string) =>
    exchange(`GET /old HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`);

  for (const answer of [
    await exchange(put('/old', { 'Content-Length': 3, Connection: 'close', Scarce: 'yes' }), 'new'),
    await get('Scarce: yes\r\n'),
  ]) {
    expect(answer).toContain('HTTP/1.1 503 Service Unavailable\r\n');
    expect(answer).toContain('\r\nRetry-After: 5\r\n');
    expect(answer).not.toContain(root);
  }
  expect(readdirSync(root)).toEqual(['old']);
  expect(await exchange('GET /missing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toContain(' 404 ');
  expect(await get('')).toMatch(/^HTTP\/1.1 200 .*\r\n\r\nold$/s);
  server.child.kill();
  await server.ended;
  const told = server.complaints().match(/^\S*Error: .*$/gm);
  expect(told).toEqual([expect.stringContaining('EMFILE'), expect.stringContaining('EMFILE')]);
});
