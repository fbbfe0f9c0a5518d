/** What one request can cost the example server: XML that is large in some way, listings, locks and properties. */

import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { type Answer, ask } from '../helpers/http.js';
import { leftBehind, served, serverPath } from './serve.js';

const server = served();
const MiB = 2 ** 20;

const send = (method: string, path: string, body: string, headers = {}): Promise<Answer> =>
  ask(server.port, method, path, { body, headers: { Depth: '0', ...headers } });
const many = <T>(count: number, each: (i: number) => T) => Array.from({ length: count }, (_, i) => each(i));
const update = (inside: string) =>
  `<D:propertyupdate xmlns:D="DAV:" xmlns:z="urn:z"><D:set><D:prop>${inside}</D:prop></D:set></D:propertyupdate>`;
const find = (inside: string, attributes = '') =>
  `<D:propfind xmlns:D="DAV:"${attributes}>${inside}</D:propfind>`;

/** Of the server, in bytes: VmRSS is what it has in memory now, VmHWM the most it ever had. */
function memory(what: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1]) * 1024;
}

beforeAll(() => writeFileSync(join(server.root, 'file'), 'file'));
afterEach(() => expect(server.complaints()).toBe(''));

describe('XML', () => {
  const nested = (depth: number) => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`;
  const attributes = (count: number) => `<z:at ${many(count, (i) => `a${i}="1"`).join(' ')}/>`;
  const prefixes = (count: number) => many(count, (i) => ` xmlns:n${i}="u"`).join('');
  const named = (count: number) => `<D:prop>${many(count, (i) => `<a${i}/>`).join('')}</D:prop>`;

  it.each<[string, string, string, number]>([
    ['elements in each other, 50 of them', 'PROPPATCH', update(`<z:deep>${nested(50)}</z:deep>`), 207],
    ['elements in each other', 'PROPPATCH', update(`<z:deep>${nested(30_000)}</z:deep>`), 413],
    ['attributes, 100 of them', 'PROPPATCH', update(attributes(100)), 207],
    ['attributes', 'PROPPATCH', update(attributes(20_000)), 413],
    ['prefixes, 100 of them', 'PROPFIND', find('<D:allprop/>', prefixes(100)), 207],
    ['prefixes', 'PROPFIND', find('<D:allprop/>', prefixes(10_000)), 413],
    ['properties to find, 1000 of them', 'PROPFIND', find(named(1000)), 207],
    ['properties to find', 'PROPFIND', find(named(20_000)), 413],
    ['properties to include', 'PROPFIND', find(`<D:allprop/><D:include>${named(1001)}</D:include>`), 207],
    [
      'properties to include',
      'PROPFIND',
      find(`<D:allprop/>${named(1001).replaceAll('prop>', 'include>')}`),
      413,
    ],
    ['properties to set', 'PROPPATCH', update(many(1001, (i) => `<z:a${i}/>`).join('')), 413],
    ['a name', 'PROPFIND', find(`<D:prop><${'n'.repeat(200_000)}/></D:prop>`), 413],
    ['a prefix', 'PROPFIND', find('<D:allprop/>', ` xmlns:${'n'.repeat(200_000)}="u"`), 413],
    ['a namespace', 'PROPFIND', find('<D:allprop/>', ` xmlns:n="${'u'.repeat(200_000)}"`), 413],
    ['a default namespace', 'PROPFIND', find(`<D:prop><a xmlns="${'u'.repeat(2000)}"/></D:prop>`), 413],
    ['references', 'PROPFIND', find(`<D:allprop/>${'&#38;'.repeat(45_000)}`), 207],
    ['comments', 'PROPFIND', find(`<D:allprop/>${'<!---->'.repeat(35_000)}`), 207],
    ['spaces in a tag', 'PROPFIND', find(`<D:allprop${' '.repeat(200_000)}/>`), 207],
    ['what looks like tags', 'PROPFIND', '<'.repeat(250_000), 400],
    ['what looks like declarations', 'PROPFIND', 'xmlns:a'.repeat(36_000), 400],
    ['what looks like comments', 'PROPFIND', find('<!--'.repeat(60_000)), 400],
    ['what looks like CDATA', 'PROPFIND', find('<![CDATA['.repeat(28_000)), 400],
    ['what looks like instructions', 'PROPFIND', find('<?a '.repeat(60_000)), 400],
    ['a value without an end', 'PROPFIND', `<a b="${'c'.repeat(250_000)}`, 400],
    ['a declaration', 'PROPFIND', `<?xml ${'encoding '.repeat(25_000)}?><a/>`, 400],
    ['a document type', 'PROPFIND', `<!DOCTYPE ${'['.repeat(200_000)}`, 400],
    [
      'an owner',
      'LOCK',
      `<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype><D:owner>${'<a/>'.repeat(30_000)}</D:owner></D:lockinfo>`,
      413,
    ],
  ])('with %s (%s)', async (_, method, body, status) => {
    const answer = await send(method, '/file', body);
    expect(answer.status).toBe(status);
    if (status >= 400) expect(answer.body).toMatch(/^[\w ]+: [^\n]{10,300}\.\n$/);
  });

  it('lets others have their turn while it is read', async () => {
    const { parse } = await import(new URL('parse.mjs', pathToFileURL(serverPath)).href);
    let turns = 0;
    const count = () => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await parse(find(`<D:prop/>${'<a/>'.repeat(60_000)}`));
    clearImmediate(next);
    expect(turns).toBeGreaterThan(30);
  });
});

describe('a listing', () => {
  const members = 600;
  const asked = find(
    `<D:prop>${many(1000, (i) => `<a${i} xmlns="urn:${'x'.repeat(200)}"/>`).join('')}</D:prop>`,
  );

  function open(): Socket {
    const socket = connect(server.port, '127.0.0.1');
    const fields = ['Host: h', 'Depth: 1', 'Connection: close', `Content-Length: ${asked.length}`];
    socket.write(`PROPFIND /many HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${asked}`);
    return socket;
  }

  beforeAll(() => {
    mkdirSync(join(server.root, 'many'));
    for (let i = 0; i < members; i++) writeFileSync(join(server.root, 'many', `f${i}`), '');
  });

  it('is sent as it comes: the server never has all of it, and others are answered', async () => {
    const before = memory('VmHWM');
    const socket = open();
    let bytes = 0;
    let end = '';
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      end = (end + chunk.toString('latin1')).slice(-100);
    });
    const over = once(socket, 'close');
    await once(socket, 'data');
    expect((await send('OPTIONS', '/', '')).status).toBe(200);
    expect(socket.destroyed).toBe(false);
    await over;
    expect(bytes).toBeGreaterThan(120 * MiB);
    expect(end).toContain('</D:multistatus>');
    expect(memory('VmHWM') - before).toBeLessThan(100 * MiB);
  });

  it('waits for its client, and ends when it leaves', async () => {
    const socket = open();
    await once(socket, 'readable'); // and nothing more is read
    await expect.poll(() => leftBehind(server)).not.toEqual([]);
    socket.destroy();
    await expect.poll(() => leftBehind(server)).toEqual([]);
  });

  it('of names alone is sent so too', async () => {
    const { body, headers } = await ask(server.port, 'GET', '/many/');
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(body.split('\n').length - 1).toBe(members);
    expect((await ask(server.port, 'HEAD', '/many/')).body).toBe('');
  });
});

describe('locks', () => {
  const lock = (path: string, depth: string, owner = '') =>
    send(
      'LOCK',
      path,
      `<lockinfo xmlns="DAV:"><lockscope><shared/></lockscope><locktype><write/></locktype><owner>${owner}</owner></lockinfo>`,
      { Depth: depth },
    );

  it('on a name and on the folders around it are not many', async () => {
    for (const path of ['/a', '/a/b', '/a/b/c']) await send('MKCOL', path, '');
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++)
      for (const path of ['/a', '/a/b', '/a/b/c'])
        statuses.push((await lock(path, 'infinity', 'x'.repeat(900))).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(32);
    expect(statuses.filter((status) => status === 507)).toHaveLength(4);
    const { body } = await send('PROPFIND', '/a/b/c', find('<D:prop><D:lockdiscovery/></D:prop>'));
    expect(body.match(/<D:activelock>/g)?.length).toBeLessThanOrEqual(32);
  });

  it('of the members of a folder are told of their own member', async () => {
    for (let i = 0; i < 40; i++) expect((await lock(`/many/f${i}`, '0', `owner-${i}`)).status).toBe(200);
    const { body } = await send('PROPFIND', '/many', find('<D:prop><D:lockdiscovery/></D:prop>'), {
      Depth: '1',
    });
    for (const [, path, inside] of body.matchAll(/<D:href>\/many\/f(\d+)<\/D:href>(.*?)<\/D:response>/gs))
      expect(inside?.match(/owner-\d+/g)).toEqual(Number(path) < 40 ? [`owner-${path}`] : null);
  });
});

describe('properties', () => {
  const { href } = new URL('dead.mjs', pathToFileURL(serverPath));
  // A file system that would keep more of them.
  const folder = temporaryFolder('/dev/shm');

  it.each([
    ['many', 1000, 'x'],
    ['large', 8, 'x'.repeat(32_000)],
  ])('of one file are not %s', async (name, most, content) => {
    const { changeDead, deadOf } = await import(href);
    const handle = await openFile(fileOf(folder, 0));
    onTestFinished(() => handle.close());
    const changes = many(most + 1, (i) => ({
      key: `{urn:z}${name}${i}`,
      text: `<${name}${i} xmlns="urn:z">${content}</${name}${i}>`,
    }));
    expect(await changeDead(handle, changes.slice(0, most))).toBeUndefined();
    const { change, error } = await changeDead(handle, [{ key: `{urn:z}${name}0` }, ...changes]);
    expect(change).toBe(changes[most]);
    expect(error.status).toBe(507);
    const kept = new Map([...(await deadOf(handle))].map(([key, { text }]) => [key, text]));
    expect(kept).toEqual(new Map(changes.slice(0, most).map(({ key, text }) => [key, text])));
  });
});
