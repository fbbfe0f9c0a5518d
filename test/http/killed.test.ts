import { chmodSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { start } from '../helpers/program.js';
import { Client, put } from './server.js';

const program = new URL('programs/receiving.mjs', import.meta.url);

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
    chmodSync(root, 0o777);
    const { child, ended, line } = start(program, [root, JSON.stringify({ transport })]);
    await using client = new Client(Number(await line()));
    await client.send(put('/old', { 'Content-Length': 10_000_000 }), Buffer.alloc(5_000_000));
    await expect.poll(() => stagedSizes(child.pid, root).some((size) => size > 0)).toBe(true);
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(readdirSync(root)).toEqual(['old']);
    expect(readFileSync(join(root, 'old'), 'utf8')).toBe('old');
  },
);
