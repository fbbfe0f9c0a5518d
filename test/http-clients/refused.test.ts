/** What the example server answers when the system refuses. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { mounted } from '../files/staging/mounts.js';
import type { Answer, Sent } from '../helpers/http.js';
import { needs } from '../helpers/needs.js';
import { colour, lock, sender } from './sender.js';
import { leftBehind, served, servedWithFaults } from './serve.js';

needs('setfattr', 'strace', 'mkfs.ext4');

/** The status of an answer, and of its only part if it is a multistatus. */
function statusOf({ status, body }: Answer): number {
  return status === 207 ? Number(/HTTP\/1.1 (\d+)/.exec(body)?.[1]) : status;
}

describe('a file system', () => {
  const server = served();
  const send = sender(server);
  const at = mounted(server.root, 'ext4', 12);
  const top = `/${at.slice(server.root.length + 1)}`;
  const into = { Destination: `${top}/made` };
  writeFileSync(join(at, 'file'), 'old');
  mkdirSync(join(at, 'folder'));
  writeFileSync(join(at, 'folder', 'inside'), 'inside');

  it.each([
    ['PUT', '/new'],
    ['PUT', '/file'],
    ['DELETE', '/file'],
    ['DELETE', '/folder'],
    ['MKCOL', '/new'],
    ['COPY', '/file'],
    ['COPY', '/folder'],
    ['MOVE', '/file'],
    ['MOVE', '/folder'],
    ['PROPPATCH', '/file'],
    ['PROPPATCH', '/folder'],
    ['LOCK', '/new'],
  ])('that is read-only has %s of %s answered with 403', async (method, path) => {
    execFileSync('mount', ['-o', 'remount,ro', at]);
    try {
      expect(statusOf(await send(method, top + path, { headers: into }))).toBe(403);
      const tag = (await send('HEAD', `${top}/file`)).headers.etag as string;
      if (path === '/file')
        expect(statusOf(await send(method, top + path, { headers: { ...into, 'If-Match': tag } }))).toBe(403);
    } finally {
      execFileSync('mount', ['-o', 'remount,rw', at]);
    }
    expect(server.complaints()).toBe('');
    expect(readFileSync(join(at, 'folder', 'inside'), 'utf8')).toBe('inside');
  });

  it('is another one than that of the source of a MOVE', async () => {
    writeFileSync(join(server.root, 'here'), 'here');
    expect((await send('MOVE', '/here', { headers: into })).status).toBe(502);
    expect(server.complaints()).toContain('another file system');
    expect(readFileSync(join(server.root, 'here'), 'utf8')).toBe('here');
    rmSync(join(server.root, 'here'));
  });

  it('that is full has what takes room answered with 507', async () => {
    writeFileSync(join(at, 'kilobytes'), 'x'.repeat(100_000));
    const fill = join(at, 'fill');
    expect(() => execFileSync('dd', ['if=/dev/zero', `of=${fill}`, 'bs=4k'], { stdio: 'pipe' })).toThrow();
    const large = colour.replace('blue', 'x'.repeat(3000));
    const refused: [string, string, Sent][] = [
      ['PUT', '/new', { body: 'x'.repeat(60_000) }],
      ['PUT', '/new', { body: ['x'.repeat(60_000)] }],
      ['PUT', '/file', { body: 'x'.repeat(2_000_000) }],
      ['MKCOL', '/new', {}],
      ['COPY', '/kilobytes', { headers: into }],
      ['COPY', '/folder', { headers: into }],
      ['PROPPATCH', '/file', { body: large }],
    ];
    for (const [method, path, sent] of refused)
      expect(statusOf(await send(method, top + path, sent)), method).toBe(507);
    for (const name of ['fill', 'kilobytes'])
      expect((await send('DELETE', `${top}/${name}`)).status).toBe(204);
    expect(readFileSync(join(at, 'file'), 'utf8')).toBe('old');
    expect(readdirSync(at).sort()).toEqual(['file', 'folder', 'lost+found']);
    expect(server.complaints()).toContain('no space left');
  });

  it('leaves nothing but the files', () => expect(leftBehind(server)).toEqual([]));
});

describe('a quota that is reached', () => {
  const server = servedWithFaults('mkdir,fsetxattr,linkat,renameat,renameat2:error=EDQUOT');
  const send = sender(server);

  it.each([
    ['PUT', '/new'],
    ['PUT', '/file'],
    ['MKCOL', '/new'],
    ['COPY', '/file'],
    ['COPY', '/folder'],
    ['MOVE', '/file'],
    ['MOVE', '/folder'],
    ['PROPPATCH', '/file'],
  ])('has %s of %s answered with 507', async (method, path) => {
    mkdirSync(join(server.root, 'folder'), { recursive: true });
    writeFileSync(join(server.root, 'file'), 'old');
    expect(statusOf(await send(method, path))).toBe(507);
    expect(readdirSync(server.root).sort()).toEqual(['file', 'folder']);
    expect(readFileSync(join(server.root, 'file'), 'utf8')).toBe('old');
  });
});

describe('a disk that fails', () => {
  const server = servedWithFaults('mkdir,unlinkat,rename,renameat,renameat2:error=EIO');
  const send = sender(server);

  it.each([
    ['MKCOL', '/new'],
    ['DELETE', '/file'],
    ['DELETE', '/folder'],
    ['MOVE', '/file'],
    ['COPY', '/file'],
  ])('has %s of %s answered with 500, and the operator hears why', async (method, path) => {
    mkdirSync(join(server.root, 'folder'), { recursive: true });
    writeFileSync(join(server.root, 'file'), 'old');
    expect((await send(method, path)).status).toBe(500);
    await expect.poll(server.complaints).toContain('EIO');
    expect(leftBehind(server).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(readdirSync(server.root).sort()).toEqual(['file', 'folder']);
  });
});

describe('a server without a descriptor left', () => {
  const server = served();
  it.each(['GET', 'PUT', 'DELETE', 'PROPFIND', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'PROPPATCH'])(
    'answers %s with 503',
    async (method) => {
      writeFileSync(join(server.root, 'file'), 'old');
      const pid = String(server.process.pid);
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const headers = { Destination: `${server.url}/made`, Depth: '0' };
      const once = (method: string, body: string) =>
        new Promise<{ status: number | undefined; retry: string | undefined }>((resolve, reject) => {
          const outgoing = request(
            { host: '127.0.0.1', port: server.port, method, path: '/file', agent, headers },
            (response) => {
              const { statusCode: status, headers } = response;
              response.resume().once('end', () => resolve({ status, retry: headers['retry-after'] }));
            },
          );
          outgoing.on('error', reject).end(body);
        });
      await once('OPTIONS', ''); // connected
      const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
      const [, limit] = /Max open files +(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8')) ?? [];
      let free = 0;
      while (open.has(free)) free++;
      execFileSync('prlimit', [`--pid=${pid}`, `--nofile=${free}:`]);
      const body = method === 'LOCK' ? lock : method === 'PROPPATCH' ? colour : '';
      const answer = await once(method, body).finally(() =>
        execFileSync('prlimit', [`--pid=${pid}`, `--nofile=${limit}:`]),
      );
      expect(answer).toEqual({ status: 503, retry: '5' });
      agent.destroy();
      await expect.poll(server.complaints).not.toBe('');
      expect(readFileSync(join(server.root, 'file'), 'utf8')).toBe('old');
    },
  );
});

describe('a root that is gone', () => {
  const server = served();
  afterEach(() => mkdirSync(server.root, { recursive: true }));

  it.each(['GET', 'PUT', 'PROPFIND', 'MKCOL', 'DELETE'])(
    'is no fault of the client that sends %s',
    async (method) => {
      rmSync(server.root, { recursive: true });
      expect((await sender(server)(method, '/file')).status).toBe(500);
      await expect.poll(server.complaints).toContain('could not be opened');
    },
  );
});
