/** What the example server does that no client's suite asks for: checksums, properties, locks, and its command line. */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { type Answer, ask, type Sent } from '../helpers/http.js';
import { needs } from '../helpers/needs.js';
import { leftBehind, served, serverPath } from './serve.js';

needs('getfattr');

const folder = temporaryFolder();
const pipe = join(folder, 'flowd');
execFileSync('mkfifo', [pipe]);
const server = served('--flowd', pipe);

const send = (method: string, path: string, sent?: Sent): Promise<Answer> =>
  ask(server.port, method, path, sent);
const url = (path: string) => `${server.url}${path}`;
const onDisk = (path: string) => readFileSync(join(server.root, path), 'utf8');

const namespaces =
  'xmlns="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:storm="http://storm.italiangrid.org/2014/webdav"';

/** What PROPFIND says of a checksum: ownCloud's property and StoRM's. */
async function checksumsOf(path: string): Promise<(string | undefined)[]> {
  const body = `<propfind ${namespaces}><prop><oc:checksums/><storm:Checksum/></prop></propfind>`;
  const answer = await send('PROPFIND', path, { body, headers: { Depth: '0' } });
  return [/>(ADLER32:[^<]*)</.exec(answer.body)?.[1], /2014\/webdav">([^<]*)</.exec(answer.body)?.[1]];
}

afterEach(() => expect(server.complaints()).toBe(''));

describe('requests that come at once on a connection', () => {
  it('are done one after the other', async () => {
    const line = (method: string, path: string, ...fields: string[]) =>
      `${[`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${server.port}`, ...fields].join('\r\n')}\r\n\r\n`;
    const store = (content: string) => line('PUT', '/queued', `Content-Length: ${content.length}`) + content;
    const moved = line('MOVE', '/queued', `Destination: ${url('/moved-away')}`, 'Overwrite: F');
    const round = store('first') + moved + store('second') + line('GET', '/moved-away');
    const cleared = line('DELETE', '/moved-away') + line('DELETE', '/queued');
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`${(round + cleared).repeat(20)}${line('GET', '/queued', 'Connection: close')}`);
    const answers = await text(socket);
    const statuses = [201, 201, 201, 200, 204, 204].map(String);
    expect(answers.match(/(?<=HTTP\/1.1 )\d+/g)).toEqual([...Array(20).fill(statuses).flat(), '404']);
    expect(answers.match(/(?<=\r\n\r\n)(first|second)/g)).toEqual(Array(20).fill('first'));
  });
});

describe('a checksum', () => {
  it('is in both properties, and goes along with COPY and MOVE', async () => {
    await send('PUT', '/original', { body: '123456789' });
    const expected = ['ADLER32:091e01de', '091e01de'];
    expect((await checksumsOf('/original')).map((each) => each?.split(' ')[0])).toEqual(expected);
    expect((await send('COPY', '/original', { headers: { Destination: url('/copy') } })).status).toBe(201);
    expect((await send('MOVE', '/original', { headers: { Destination: url('/moved') } })).status).toBe(201);
    for (const path of ['/copy', '/moved']) {
      expect((await checksumsOf(path)).map((each) => each?.split(' ')[0])).toEqual(expected);
      const { stdout } = spawnSync(
        'getfattr',
        ['--only-values', '-n', 'user.storm.checksum.adler32', join(server.root, path)],
        { encoding: 'utf8' },
      );
      expect(stdout).toBe('091e01de');
    }
  });

  it('of a file that was changed without the server is not told', async () => {
    await send('PUT', '/changed', { body: '123456789' });
    writeFileSync(join(server.root, 'changed'), 'something else');
    expect(await checksumsOf('/changed')).toEqual([undefined, undefined]);
  });

  it('of a folder that is copied goes along for each file in it', async () => {
    await send('MKCOL', '/tree/');
    await send('PUT', '/tree/file', { body: '123456789' });
    expect((await send('COPY', '/tree/', { headers: { Destination: url('/branch/') } })).status).toBe(201);
    expect((await checksumsOf('/branch/file'))[1]).toBe('091e01de');
  });

  it('stops the copy of a file that has rotted', async () => {
    await send('PUT', '/rotten', { body: '123456789' });
    const path = join(server.root, 'rotten');
    // Other bytes of the same length, and the old time of modification: as a disk would do it.
    execFileSync('sh', [
      '-c',
      'touch -r "$1" "$2"; printf 12345678X > "$1"; touch -r "$2" "$1"',
      'sh',
      path,
      join(folder, 'stamp'),
    ]);
    const { status } = await send('COPY', '/rotten', { headers: { Destination: url('/spread') } });
    expect(status).toBe(500);
    expect(server.complaints()).toMatch(
      /adler32 of .* is \w{8}, not 091e01de as was stored(.|\n)*path: '.*\/rotten'/,
    );
    expect(readdirSync(server.root)).not.toContain('spread');
  });
});

describe('what is at the destination', () => {
  const copyOver = async (method: string, path: string, headers = {}) =>
    (await send(method, path, { headers: { Destination: url('/old'), ...headers } })).status;

  it('stays if the copy fails', async () => {
    for (const path of ['/old', '/new']) await send('MKCOL', path);
    await send('PUT', '/old/file', { body: 'kept' });
    await send('PUT', '/new/fine', { body: 'fine' });
    await send('PUT', '/new/rotten', { body: '123456789' });
    const path = join(server.root, 'new/rotten');
    const { atimeNs, mtimeNs } = statSync(path, { bigint: true });
    writeFileSync(path, '12345678X');
    const at = (ns: bigint) => `@${ns / 10n ** 9n}.${String(ns % 10n ** 9n).padStart(9, '0')}`;
    execFileSync('touch', ['-a', '-d', at(atimeNs), path]);
    execFileSync('touch', ['-m', '-d', at(mtimeNs), path]);
    expect(await copyOver('COPY', '/new')).toBe(500);
    expect(server.complaints()).toMatch(/was stored/);
    expect(readdirSync(join(server.root, 'old'))).toEqual(['file']);
    expect(onDisk('old/file')).toBe('kept');
  });

  it('stays if somebody writes to the original: 423', async () => {
    for (const path of ['/writing', '/written']) await send('PUT', path, { body: 'whole' });
    const writer = openSync(join(server.root, 'writing'), 'a');
    try {
      for (const Overwrite of ['T', 'F']) {
        const headers = { Destination: url(Overwrite === 'T' ? '/written' : '/unwritten'), Overwrite };
        expect((await send('COPY', '/writing', { headers })).status).toBe(423);
      }
    } finally {
      closeSync(writer);
    }
    expect(onDisk('written')).toBe('whole');
    expect(readdirSync(server.root)).not.toContain('unwritten');
    const headers = { Destination: url('/unwritten'), Overwrite: 'F' };
    expect((await send('COPY', '/writing', { headers })).status).toBe(201);
    expect((await send('COPY', '/writing', { headers })).status).toBe(412);
  });

  it.each(['COPY', 'MOVE'])('is replaced by %s, unless Overwrite forbids', async (method) => {
    await send('PUT', '/single', { body: method });
    await send('MKCOL', '/many');
    await send('PUT', '/many/file', { body: method });
    expect(await copyOver(method, '/single', { Overwrite: 'F' })).toBe(412);
    expect(await copyOver(method, '/single')).toBe(204); // a file in a folder's place
    expect(onDisk('old')).toBe(method);
    expect(await copyOver(method, '/many', { Overwrite: 'F' })).toBe(412);
    expect(await copyOver(method, '/many')).toBe(204); // and the other way round
    expect(onDisk('old/file')).toBe(method);
  });

  it('stays if it came first, of many at once', async () => {
    await send('PUT', '/contender', { body: 'one' });
    const headers = { Destination: url('/prize'), Overwrite: 'F' };
    const all = Array.from({ length: 8 }, () => send('COPY', '/contender', { headers }));
    const statuses = (await Promise.all(all)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, ...Array(7).fill(412)]);
  });
});

describe('locks', () => {
  const lock = (path: string, owner: string) =>
    send('LOCK', path, {
      body: `<lockinfo xmlns="DAV:"><locktype><write/></locktype><lockscope><shared/></lockscope><owner>${owner}</owner></lockinfo>`,
    });

  it('are neither large nor many', async () => {
    expect((await lock('/locked', 'x'.repeat(2000))).status).toBe(413);
    expect(readdirSync(server.root)).not.toContain('locked');
    for (let i = 0; i < 32; i++) expect((await lock('/locked', 'me')).status).toBe(i === 0 ? 201 : 200);
    expect((await lock('/locked', 'me')).status).toBe(507);
  });
});

describe('properties that a client sets', () => {
  const colour = (value: string) =>
    `<propertyupdate xmlns="DAV:"><set><prop><colour xmlns="urn:x">${value}</colour></prop></set></propertyupdate>`;
  const colourOf = async (path: string) => {
    const body = '<propfind xmlns="DAV:"><prop><colour xmlns="urn:x"/></prop></propfind>';
    const answer = await send('PROPFIND', path, { body, headers: { Depth: '0' } });
    return />(\w+)<\/colour>/.exec(answer.body)?.[1];
  };

  it('stay when the file is replaced, and go along with a copy', async () => {
    await send('PUT', '/painted', { body: 'old' });
    expect((await send('PROPPATCH', '/painted', { body: colour('blue') })).status).toBe(207);
    expect((await send('PUT', '/painted', { body: 'new' })).status).toBe(204);
    expect(await colourOf('/painted')).toBe('blue');
    await send('COPY', '/painted', { headers: { Destination: url('/painted too').replaceAll(' ', '%20') } });
    expect(await colourOf('/painted%20too')).toBe('blue');
    expect(onDisk('painted too')).toBe('new');
  });

  it('are set all or none', async () => {
    const both = colour('green').replace('</prop>', '<getetag>"mine"</getetag></prop>');
    const { status, body } = await send('PROPPATCH', '/painted', { body: both });
    expect(status).toBe(207);
    expect(body).toMatch(/getetag.*403 Forbidden|403 Forbidden.*getetag/s);
    expect(body).toContain('424 Failed Dependency');
    expect(await colourOf('/painted')).toBe('blue');
  });

  it('too large for the file system are refused', async () => {
    const { body } = await send('PROPPATCH', '/painted', { body: colour('x'.repeat(100_000)) });
    expect(body).toContain('507 Insufficient Storage');
    expect(await colourOf('/painted')).toBe('blue');
  });
});

it('tells flowd of a transfer', async () => {
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  await send('PUT', '/tagged', { body: 'x', headers: { SciTag: '129' } });
  const bytes = Buffer.alloc(4096);
  expect(bytes.toString('utf8', 0, readSync(reader, bytes))).toMatch(
    /^start tcp 127\.0\.0\.1 \d+ 127\.0\.0\.1 \d+ 2 1\n/,
  );
  closeSync(reader);
});

it('leaves nothing but the files', () => expect(leftBehind(server)).toEqual([]));

describe('the command line', () => {
  const start = (...args: string[]) =>
    spawnSync(process.execPath, [serverPath, ...args], { encoding: 'utf8' });

  it('explains itself', () => {
    const { stdout, status } = start('--help');
    expect(stdout).toMatch(/^Usage: server\.mjs --root DIR/);
    expect(status).toBe(0);
  });

  it.each([
    [[], /--root is missing/],
    [['--root', '.', '--port', 'x'], /"x" is no port/],
    [['--root', '/etc/hostname'], /is no folder/],
    [['--root', '/nonexistent'], /is no folder/],
    [['--root', '.', '--public-url', 'dav.example.org'], /is no public URL/],
    [['--root', '.', '--public-url', 'https://dav.example.org/dav/'], /without a path/],
    [['--nonsense'], /Unknown option '--nonsense'/],
  ])('%j is refused with a sentence', (args, sentence) => {
    const { stderr, status } = start(...args);
    expect(stderr).toMatch(sentence);
    expect(status).toBe(2);
  });
});
