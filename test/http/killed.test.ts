import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { Client, put } from './server.js';

const program = `
  import { createServer } from 'node:http';
  import { receive } from './dist/http/index.js';
  const [root, transport] = process.argv.slice(1);
  const server = createServer((request) => {
    receive(request, { root, path: request.url }, { transport });
    console.log('receiving');
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

test.each(['stream', 'relay'])(
  'a server that is killed in mid-body leaves nothing, by %s',
  async (transport) => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'old'), 'old');
    const server = spawn(process.execPath, ['--input-type=module', '-e', program, '--', root, transport], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
    const next = async () => (await lines.next()).value;
    await using client = new Client(Number(await next()));
    await client.send(put('/old', { 'Content-Length': 10_000_000 }), Buffer.alloc(5_000_000));
    expect(await next()).toBe('receiving');
    server.kill('SIGKILL');
    await once(server, 'close');
    expect(readdirSync(root)).toEqual(['old']);
    expect(readFileSync(join(root, 'old'), 'utf8')).toBe('old');
  },
);
