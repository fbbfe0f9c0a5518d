/** What the example server answers to names that are not for everybody: links, no UTF-8, folders that can not go. */

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
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { sender } from './sender.js';
import { leftBehind, served, servedUnprivileged } from './serve.js';

needs('setfattr');

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
