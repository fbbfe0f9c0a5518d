import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
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
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

/** The sizes of the files without a name that a process has open beneath a folder. */
function stagedSizes(pid: number | undefined, folder: string): number[] {
  const fds = `/proc/${pid}/fd`;
  return readdirSync(fds).flatMap((fd) => {
    try {
      const target = readlinkSync(`${fds}/${fd}`);
      const staged = target.startsWith(`${folder}/`) && target.endsWith(' (deleted)');
      return staged ? [statSync(`${fds}/${fd}`).size] : [];
    } catch {
      return []; // closed meanwhile
    }
  });
}

test.each(['stream', 'relay'])(
  'a server that is killed in mid-body leaves nothing, by %s',
  async (transport) => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'old'), 'old');
    const server = spawn(process.execPath, ['--input-type=module', '-e', program, '--', root, transport], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
    await using client = new Client(Number((await lines.next()).value));
    await client.send(put('/old', { 'Content-Length': 10_000_000 }), Buffer.alloc(5_000_000));
    await expect.poll(() => stagedSizes(server.pid, root).some((size) => size > 0)).toBe(true);
    const closed = once(server, 'close');
    server.kill('SIGKILL');
    expect(await closed).toEqual([null, 'SIGKILL']);
    expect(readdirSync(root)).toEqual(['old']);
    expect(readFileSync(join(root, 'old'), 'utf8')).toBe('old');
  },
);
