/** What the example server answers when the system refuses, and to names that are not for everybody. */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { type Answer, ask, type Sent } from '../helpers/http.js';
import { needs } from '../helpers/needs.js';
import { mounted } from '../staging/mounts.js';
import { leftBehind, type Served, served, servedUnprivileged, servedWithFaults } from './serve.js';

needs('setfattr', 'strace', 'mkfs.ext4');

const colour =
  '<propertyupdate xmlns="DAV:"><set><prop><colour xmlns="urn:x">blue</colour></prop></set></propertyupdate>';
const lock =
  '<lockinfo xmlns="DAV:"><locktype><write/></locktype><lockscope><exclusive/></lockscope></lockinfo>';

const sender =
  (server: Served) =>
  (method: string, path: string, sent: Sent = {}): Promise<Answer> => {
    const Destination = `${server.url}${sent.headers?.['Destination'] ?? '/elsewhere'}`;
    const headers = { Depth: method === 'PROPFIND' ? '0' : 'infinity', ...sent.headers, Destination };
    const body = method === 'PROPPATCH' ? colour : method === 'LOCK' ? lock : '';
    return ask(server.port, method, path, { body, ...sent, headers });
  };

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
  const server = servedWithFaults('mkdir,unlinkat,renameat,renameat2:error=EIO');
  const send = sender(server);

  it.each([
    ['MKCOL', '/new'],
    ['DELETE', '/file'],
    ['DELETE', '/folder'],
    ['MOVE', '/file'],
  ])('has %s of %s answered with 500, and the operator hears why', async (method, path) => {
    mkdirSync(join(server.root, 'folder'), { recursive: true });
    writeFileSync(join(server.root, 'file'), 'old');
    expect((await send(method, path)).status).toBe(500);
    await expect.poll(server.complaints).toContain('EIO');
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

describe('a symbolic link', () => {
  const server = served();
  const send = sender(server);
  const elsewhere = temporaryFolder();
  writeFileSync(join(elsewhere, 'file'), 'secret');
  const methods = ['GET', 'HEAD', 'PUT', 'DELETE', 'MKCOL', 'COPY', 'MOVE', 'PROPFIND', 'PROPPATCH', 'LOCK'];

  it.each(methods)('is one answer to %s, be it on the way or at its end', async (method) => {
    for (const [name, target] of [
      ['folder', elsewhere],
      ['file', join(elsewhere, 'file')],
      ['nowhere', join(elsewhere, 'nowhere')],
    ] as const) {
      rmSync(join(server.root, name), { force: true });
      symlinkSync(target, join(server.root, name));
    }
    for (const path of ['/file', '/folder', '/nowhere', '/folder/file', '/folder/new', '/folder/deep/file'])
      expect((await send(method, path)).status, path).toBe(403);
    expect(readdirSync(elsewhere)).toEqual(['file']);
    expect(readFileSync(join(elsewhere, 'file'), 'utf8')).toBe('secret');
    expect(server.complaints()).toBe('');
  });

  it.each(['COPY', 'MOVE'])('is no destination of a %s', async (method) => {
    for (const Destination of ['/file', '/folder', '/folder/new']) {
      writeFileSync(join(server.root, 'mine'), 'mine');
      expect((await send(method, '/mine', { headers: { Destination } })).status, Destination).toBe(403);
    }
    expect(readFileSync(join(elsewhere, 'file'), 'utf8')).toBe('secret');
  });
});

describe('names that are not UTF-8', () => {
  const server = served();
  const send = sender(server);
  const latin = Buffer.from('caf\xe9', 'latin1');
  const inside = (folder: string, name: Buffer) => Buffer.concat([Buffer.from(`${folder}/`), name]);
  const bytesIn = (folder: string) =>
    readdirSync(join(server.root, folder), 'buffer')
      .map((name) => name.toString('latin1'))
      .sort();
  const make = () => {
    const folder = join(server.root, 'folder');
    mkdirSync(inside(folder, latin), { recursive: true });
    for (const name of [latin, Buffer.from('ok')])
      writeFileSync(Buffer.concat([inside(folder, latin), Buffer.from('/'), name]), 'deep');
    for (const name of [Buffer.concat([latin, latin]), Buffer.from('caf\ufffd'), Buffer.from('ok')])
      writeFileSync(inside(folder, name), 'x');
  };
  const all = ['caf\xe9', 'caf\xe9caf\xe9', 'caf\xef\xbf\xbd', 'ok'];

  it('are not listed', async () => {
    make();
    const { status, body } = await send('PROPFIND', '/folder', { headers: { Depth: '1' } });
    expect(status).toBe(207);
    expect([...body.matchAll(/<D:href>(.*?)<\/D:href>/g)].map(([, href]) => href).sort()).toEqual([
      '/folder/',
      '/folder/caf%EF%BF%BD',
      '/folder/ok',
    ]);
    expect((await send('GET', '/folder')).body.split('\n').sort()).toEqual(['', 'caf\ufffd', 'ok']);
  });

  it.each(['COPY', 'MOVE'])('stay what they are in a %s of their folder', async (method) => {
    make();
    expect((await send(method, '/folder', { headers: { Destination: '/other' } })).status).toBe(201);
    expect(bytesIn('other')).toEqual(all);
    const deep = join(server.root, 'other');
    expect(
      readdirSync(inside(deep, latin), 'buffer')
        .map((name) => name.toString('latin1'))
        .sort(),
    ).toEqual(['caf\xe9', 'ok']);
    if (method === 'COPY') expect(bytesIn('folder')).toEqual(all);
    expect((await send('DELETE', '/other')).status).toBe(204);
    expect(readdirSync(server.root)).not.toContain('other');
  });

  it('go with a folder that is replaced', async () => {
    make();
    writeFileSync(join(server.root, 'single'), 'single');
    expect((await send('COPY', '/single', { headers: { Destination: '/folder' } })).status).toBe(204);
    expect(readFileSync(join(server.root, 'folder'), 'utf8')).toBe('single');
    expect(leftBehind(server)).toEqual([]);
  });
});

describe('attributes of other programs beneath user.webdav.', () => {
  const server = served();
  const send = sender(server);

  it.each([
    ['user.webdav.foo', '<b>'],
    ['user.webdav.foo', '<foo/>'],
    ['user.webdav.{urn:x}bar', '<b'],
    ['user.webdav.{urn:x}bar', '</D:prop>'],
    ['user.webdav.{urn:x}bar', '<other xmlns="urn:x"/>'],
    ['user.webdav.{urn:x}<bar', '<bar xmlns="urn:x"/>'],
    ['user.webdav.{urn:x}bar', 'text'],
  ])('%s with %s are no properties', async (name, value) => {
    const path = join(server.root, 'file');
    writeFileSync(path, 'x');
    execFileSync('setfattr', ['-n', name, '-v', value, path]);
    expect((await send('PROPPATCH', '/file')).body).toContain('200 OK');
    const asked = ['<propfind xmlns="DAV:"><propname/></propfind>', ''];
    for (const body of asked) {
      const answer = await send('PROPFIND', '/file', { body });
      expect(answer.status).toBe(207);
      expect(answer.body).toContain('<colour');
      expect(answer.body).not.toMatch(/foo|bar|other|<b>/);
    }
    rmSync(path);
  });
});

describe('a folder of which not all can be removed', () => {
  const server = servedUnprivileged();
  const send = sender(server);

  it('stays with that, which the answer names', async () => {
    const folder = join(server.root, 'folder');
    const kept = join(folder, 'a b', 'kept');
    mkdirSync(kept, { recursive: true });
    for (const path of [join(kept, 'file'), join(folder, 'a b', 'gone'), join(folder, 'gone')])
      writeFileSync(path, 'x');
    chmodSync(kept, 0o555);
    const { status, body } = await send('DELETE', '/folder');
    chmodSync(kept, 0o755);
    expect(status).toBe(207);
    expect([...body.matchAll(/<D:response>.*?<\/D:response>/g)].map(([each]) => each)).toEqual([
      '<D:response><D:href>/folder/a%20b/kept/file</D:href><D:status>HTTP/1.1 403 Forbidden</D:status></D:response>',
    ]);
    expect(readdirSync(folder)).toEqual(['a b']);
    expect(readdirSync(join(folder, 'a b'))).toEqual(['kept']);
    expect(statSync(join(kept, 'file')).size).toBe(1);
    expect((await send('DELETE', '/folder')).status).toBe(204);
    expect(leftBehind(server)).toEqual([]);
  });
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
