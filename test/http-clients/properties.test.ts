/** PROPFIND and PROPPATCH of the example server: what their bodies may say (RFC 4918, by section), and what is answered. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Answer, ask } from '../helpers/http.js';
import { needs } from '../helpers/needs.js';
import { served } from './serve.js';

needs('setfattr', 'python3');

const server = served();
const file = () => join(server.root, 'file');

const send = (method: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(server.port, method, '/file', { body, headers: { Depth: '0', ...headers } });
const update = (inside: string, attributes = '') =>
  send(
    'PROPPATCH',
    `<D:propertyupdate xmlns:D="DAV:" xmlns:z="urn:z"${attributes}>${inside}</D:propertyupdate>`,
  );
const set = (inside: string) => update(`<D:set><D:prop>${inside}</D:prop></D:set>`);
const find = (inside: string) =>
  send('PROPFIND', `<D:propfind xmlns:D="DAV:" xmlns:z="urn:z">${inside}</D:propfind>`);
/** The element as PROPFIND gives it. */
const elementOf = async (name: string) => {
  const { body } = await find(`<D:prop><z:${name}/></D:prop>`);
  return /<D:prop>(.*)<\/D:prop><D:status>HTTP\/1.1 200/s.exec(body)?.[1];
};
/** The status of each property, by its name. */
const statusesIn = ({ body }: Answer) =>
  Object.fromEntries(
    [...body.matchAll(/<D:propstat><D:prop><(?:D:)?([\w-]+).*?<\/D:prop><D:status>HTTP\/1.1 (\d+)/gs)].map(
      ([, name, status]) => [name, Number(status)],
    ),
  );

beforeEach(() => {
  execFileSync('rm', ['-f', file()]);
  writeFileSync(file(), 'file');
});
afterEach(() => expect(server.complaints()).toBe(''));

describe('the language of a property', () => {
  // 4.3: in scope where the property is set, so of all that is around it.
  it.each([
    ['', '<D:set><D:prop xml:lang="de"><z:l>hallo</z:l></D:prop></D:set>'],
    ['', '<D:set xml:lang="de"><D:prop><z:l>hallo</z:l></D:prop></D:set>'],
    [' xml:lang="de"', '<D:set><D:prop><z:l>hallo</z:l></D:prop></D:set>'],
    [' xml:lang="fr"', '<D:set xml:lang="en"><D:prop><z:l xml:lang="de">hallo</z:l></D:prop></D:set>'],
  ])('is kept (%s, %s)', async (attributes, inside) => {
    expect((await update(inside, attributes)).status).toBe(207);
    expect((await elementOf('l'))?.match(/xml:lang="\w+"/g)).toEqual(['xml:lang="de"']);
  });

  it('is none where none was said', async () => {
    await set('<z:l>hallo</z:l>');
    expect(await elementOf('l')).toBe('<z:l xmlns:z="urn:z">hallo</z:l>');
  });
});

describe('a value', () => {
  it.each([
    '<z:v xmlns:z="urn:z">a&#38;b&#60;c&#13;d</z:v>',
    '<z:v xmlns:z="urn:z"><a xmlns="urn:a"><b xmlns="" c="&#34;&#10;&#9;"/></a></z:v>',
    '<z:v xmlns:z="urn:z"><z:v xmlns:z="urn:other"><z:w/></z:v></z:v>',
    '<z:v xmlns:z="urn:z" xmlns:y="urn:y" y:b="c">𐀀</z:v>',
  ])('%s comes back as it went', async (value) => {
    expect((await set(value)).body).toContain('200 OK');
    expect(await elementOf('v')).toBe(value);
  });

  it('has the prefixes that were declared around it', async () => {
    await update(
      '<D:set xmlns="urn:d" xmlns:y="urn:y"><D:prop><z:v><e y:a="b"/></z:v></D:prop></D:set>',
      ' xmlns:unused="urn:u"',
    );
    expect(await elementOf('v')).toBe(
      '<z:v xmlns:z="urn:z" xmlns="urn:d" xmlns:y="urn:y"><e y:a="b"/></z:v>',
    );
  });

  it('has its CDATA as text', async () => {
    await set('<z:v><![CDATA[<a>]]></z:v>');
    expect(await elementOf('v')).toBe('<z:v xmlns:z="urn:z">&#60;a&#62;</z:v>');
  });

  it('that another program wrote is told if it is one', async () => {
    const write = (name: string, value: string) =>
      execFileSync('setfattr', ['-n', `user.webdav.${name}`, '-v', value, file()]);
    write('{urn:z}good', '<good xmlns="urn:z"/>');
    write('{urn:z}document', '<?xml version="1.0"?><!-- b --><document xmlns="urn:z"/>');
    write('{urn:z}bad', 'garbage < &');
    write('{urn:z}other', '<other xmlns="urn:y"/>');
    write('{DAV:}getetag', '<getetag xmlns="DAV:">mine</getetag>');
    write('nothing', 'x');
    const { status, body } = await find('<D:allprop/>');
    expect(status).toBe(207);
    expect(body).toContain('<good xmlns="urn:z"/>');
    expect(body).toContain('><document xmlns="urn:z"/>');
    expect(body).not.toMatch(/garbage|other|mine/);
    expect((await find('<D:propname/>')).status).toBe(207);
  });
});

describe('PROPPATCH', () => {
  it('says of each property what became of it (9.2.1)', async () => {
    const answer = await set('<z:one/><D:getetag/><z:two/>');
    expect(answer.status).toBe(207);
    expect(statusesIn(answer)).toEqual({ one: 424, getetag: 403, two: 424 });
    expect(answer.body).toMatch(
      /403 Forbidden<\/D:status><D:error><D:cannot-modify-protected-property\/><\/D:error>/,
    );
    expect(await elementOf('one')).toBeUndefined();
  });

  it.each(['getcontentlength', 'resourcetype', 'lockdiscovery', 'supportedlock', 'creationdate'])(
    'does not remove %s',
    async (name) => {
      const answer = await update(`<D:remove><D:prop><D:${name}/></D:prop></D:remove>`);
      expect(statusesIn(answer)).toEqual({ [name]: 403 });
    },
  );

  it('says which property found no room', async () => {
    await set('<z:kept>old</z:kept>');
    const answer = await set(`<z:kept>new</z:kept><z:large>${'x'.repeat(100_000)}</z:large><z:after/>`);
    expect(statusesIn(answer)).toEqual({ kept: 424, large: 507, after: 424 });
    expect(await elementOf('kept')).toContain('old');
  });

  it('refuses a name that no attribute can have', async () => {
    const answer = await set(`<z:fine/><z:${'n'.repeat(250)}/>`);
    expect(statusesIn(answer)).toEqual({ fine: 424, ['n'.repeat(250)]: 507 });
  });

  it('makes its changes in their order (9.2)', async () => {
    const once = '<D:prop><z:a>1</z:a></D:prop>';
    await update(`<D:set>${once}</D:set><D:remove><D:prop><z:a/></D:prop></D:remove>`);
    expect(await elementOf('a')).toBeUndefined();
    await update(`<D:remove><D:prop><z:a/></D:prop></D:remove><D:set>${once}</D:set>`);
    expect(await elementOf('a')).toContain('>1<');
  });

  it('ignores what it does not know (17)', async () => {
    const unknown = '<z:set><D:prop><z:b/></D:prop></z:set><D:more/>';
    const answer = await update(`${unknown}<D:set><D:prop><z:a>1</z:a></D:prop></D:set>`);
    expect(statusesIn(answer)).toEqual({ a: 200 });
    expect(await elementOf('b')).toBeUndefined();
  });

  // 14.19, 14.23, 14.26.
  it.each(['', '<D:set/>', '<D:remove><z:a/></D:remove>', '<z:set/>'])('of %j is refused', async (inside) => {
    expect((await update(inside)).status).toBe(400);
  });
});

describe('PROPFIND', () => {
  // 14.20.
  it.each([
    '',
    '<D:allprop/><D:propname/>',
    '<D:allprop/><D:prop/>',
    '<D:propname/><D:prop/>',
    '<D:include/>',
    '<z:prop/>',
    '<D:nonsense/>',
  ])('of %j is refused', async (inside) => {
    expect((await find(inside)).status).toBe(400);
  });

  it('ignores what it does not know (17)', async () => {
    const answer = await find('<z:more/><D:more/><D:prop z:a="b"><D:getetag/></D:prop>');
    expect(statusesIn(answer)).toEqual({ getetag: 200 });
  });

  it('with include tells what is there, and what is not (14.8)', async () => {
    const { body } = await find('<D:allprop/><D:include><D:getetag/><z:none/></D:include>');
    expect(body.match(/<D:getetag>/g)).toHaveLength(1);
    expect(body).toMatch(/<none xmlns="urn:z"\/><\/D:prop><D:status>HTTP\/1.1 404 Not Found/);
  });

  it('of names gives no values (9.1.4)', async () => {
    await set('<z:colour>blue</z:colour>');
    const { body } = await find('<D:propname/>');
    expect(body).toContain('<D:getetag/>');
    expect(body).toContain('<colour xmlns="urn:z"/>');
    expect(body).not.toMatch(/404|blue/);
  });

  it('tells of a property once', async () => {
    const { body } = await find('<D:prop><D:getetag/><z:a/><D:getetag/><z:a/></D:prop>');
    expect(body.match(/getetag>/g)).toHaveLength(2); // its start and its end
    expect(body.match(/<a /g)).toHaveLength(1);
  });

  it('tells of files that can have no attributes', async () => {
    const folder = join(server.root, 'plain');
    mkdirSync(folder);
    execFileSync('mount', ['-t', 'ramfs', 'ramfs', folder]);
    onTestFinished(() => void execFileSync('umount', [folder]));
    writeFileSync(join(folder, 'file'), 'file');
    const { body } = await ask(server.port, 'PROPFIND', '/plain/', { headers: { Depth: '1' } });
    expect(body).toContain('<D:href>/plain/file</D:href><D:propstat>');
    expect(body).toContain('<D:getcontentlength>4</D:getcontentlength>');
  });

  it('tells of each member what it can', async () => {
    const folder = join(server.root, 'members');
    mkdirSync(folder);
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), name);
    // An attribute's name that is no UTF-8: Node can't ask for it.
    execFileSync('python3', [
      '-c',
      'import os, sys; os.setxattr(sys.argv[1], b"user.\\xff", b"")',
      join(folder, 'b'),
    ]);
    const { status, body } = await ask(server.port, 'PROPFIND', '/members/', { headers: { Depth: '1' } });
    expect(status).toBe(207);
    expect(body.match(/<D:href>[^<]*/g)?.sort()).toEqual(
      ['', 'a', 'b', 'c'].map((name) => `<D:href>/members/${name}`),
    );
    expect(body).toContain(
      '<D:href>/members/b</D:href><D:status>HTTP/1.1 500 Internal Server Error</D:status></D:response>',
    );
    expect(server.complaints()).toMatch(/not UTF-8/);
  });
});

describe('the encoding of a body', () => {
  const declared = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?>`;
  const asking = '<D:propfind xmlns:D="DAV:"><D:prop><ü xmlns="urn:ü"/></D:prop></D:propfind>';
  const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16();
  const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

  // 19: UTF-8 and UTF-16 at least; RFC 7303, 3: a byte order mark goes before the charset.
  it.each<[string, Buffer, string]>([
    ['UTF-8', Buffer.from(asking), 'application/xml'],
    ['UTF-8, declared', Buffer.from(declared('utf-8') + asking), 'application/xml'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${declared('utf-8')}${asking}`), 'text/xml'],
    ['UTF-16, little end first', utf16(declared('UTF-16') + asking), 'application/xml; charset=utf-16'],
    ['UTF-16, big end first', swapped(utf16(declared('UTF-16') + asking)), 'application/xml'],
    ['UTF-16 by its mark', utf16(asking), 'application/xml; charset="utf-8"'],
    ['Latin-1, declared', Buffer.from(declared('ISO-8859-1') + asking, 'latin1'), 'application/xml'],
    ['Latin-1, in the field', Buffer.from(asking, 'latin1'), 'application/xml;charset=iso-8859-1'],
  ])('may be %s', async (_, body, type) => {
    const answer = await send('PROPFIND', body, { 'Content-Type': type });
    expect(answer.status).toBe(207);
    expect(answer.body).toContain('<ü xmlns="urn:ü"/>');
  });

  it.each<[string, Buffer, Record<string, string>, number]>([
    ['bytes that are no UTF-8', Buffer.from(asking, 'latin1'), {}, 400],
    [
      'a charset that nobody knows',
      Buffer.from(asking),
      { 'Content-Type': 'text/xml; charset=klingon' },
      415,
    ],
    ['an encoding that nobody knows', Buffer.from(declared('klingon') + asking), {}, 415],
    ['a content coding', Buffer.from(asking), { 'Content-Encoding': 'gzip' }, 415],
    ['a prefix that stands for nothing', Buffer.from('<D:propfind xmlns:D=""/>'), {}, 400], // 8.2
    ['a prefix that was not declared', Buffer.from('<D:propfind/>'), {}, 400],
    [
      'a character that XML 1.0 does not have',
      Buffer.from('<?xml version="1.1"?><propfind xmlns="DAV:">&#1;<allprop/></propfind>'),
      {},
      400,
    ],
    ['a second root', Buffer.from(asking + asking), {}, 400],
  ])('is not %s', async (_, body, headers, status) => {
    expect((await send('PROPFIND', body, headers)).status).toBe(status);
  });
});
