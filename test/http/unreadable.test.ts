import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { Client, put } from './server.js';

const program = `
  import { createServer } from 'node:http';
  import { problemOf, receive } from './dist/http/index.js';
  if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }
  const [root] = process.argv.slice(1);
  const server = createServer();
  server.on('checkContinue', (request, response) => {
    receive(request, { root, path: request.url }, { proceed: () => response.writeContinue() }).catch((error) => {
      const { status, headers, body } = problemOf(error);
      response.writeHead(status, headers).end(body);
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

test('what the server may not read, and so not keep the attributes of, is refused before the body', async () => {
  const root = temporaryFolder();
  chmodSync(root, 0o777);
  const old = join(root, 'old');
  writeFileSync(old, 'old');
  chmodSync(old, 0o200);
  const server = spawn(process.execPath, ['--input-type=module', '-e', program, '--', root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  await using client = new Client(Number((await lines.next()).value));
  await client.send(put('/old', { 'Content-Length': 5, Expect: '100-continue' }));
  const answer = await client.until('ERR_SLUICE_');
  expect(answer).toContain('HTTP/1.1 403 Forbidden');
  expect(answer).toContain('ERR_SLUICE_PERMISSION');
  expect(answer).not.toContain('HTTP/1.1 100');
  server.kill();
  await once(server, 'close');
  chmodSync(old, 0o600);
  expect(readFileSync(old, 'utf8')).toBe('old');
});
