import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { Client, put } from './server.js';

/** While it answers what is asked of it with `Scarce`, it has no descriptor left. */
const program = `
  import { closeSync, openSync } from 'node:fs';
  import { createServer } from 'node:http';
  import { fileHandler } from './dist/http/index.js';
  const [root] = process.argv.slice(1);
  const files = fileHandler({ locate: ({ url }) => ({ root, path: url }) });
  const server = createServer(async (request, response) => {
    const taken = [];
    try {
      while (request.headers.scarce) taken.push(openSync('/dev/null'));
    } catch (error) {
      if (error.code !== 'EMFILE') throw error;
    }
    await files(request, response);
    for (const fd of taken) closeSync(fd);
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

test('without a descriptor left the answer is 503, and when to come again; stderr has the reason', async () => {
  const root = temporaryFolder();
  writeFileSync(join(root, 'old'), 'old');
  const args = ['--nofile=256', process.execPath, '--input-type=module', '-e', program, '--', root];
  const server = spawn('prlimit', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const complaints = text(server.stderr);
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  const port = Number((await lines.next()).value);
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
  server.kill();
  await once(server, 'close');
  const told = (await complaints).match(/^\S*Error: .*$/gm);
  expect(told).toEqual([expect.stringContaining('EMFILE'), expect.stringContaining('EMFILE')]);
});
