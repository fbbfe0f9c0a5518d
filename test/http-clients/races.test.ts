/** What clients get that want the same thing of the example server at the same time: each an answer, and none a wrong one. */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, ask, type Sent } from '../helpers/http.js';
import { leftBehind, served } from './serve.js';

const server = served();
/** Another process that serves the same folder. */
const second = served('--root', server.root);
const send = (method: string, path: string, sent?: Sent): Promise<Answer> =>
  ask(server.port, method, path, sent);
const sendToSecond = (method: string, path: string, sent?: Sent): Promise<Answer> =>
  ask(second.port, method, path, sent);
const url = (path: string) => `${server.url}${path}`;
const onDisk = (path: string) => readFileSync(join(server.root, path), 'utf8');
const put = (path: string, body: string, headers = {}) => send('PUT', path, { body, headers });
const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort();

/** What an upload leaves under the name, and its tag. */
async function stored(path: string, body: string): Promise<string> {
  await put(path, body);
  return (await send('HEAD', path)).headers.etag as string;
}

/** Both at once, the second one a different number of requests later each round: so each step of one meets each of the other. */
async function race<A, B>(round: number, one: () => Promise<A>, other: () => Promise<B>): Promise<[A, B]> {
  const late = async () => {
    for (let i = 0; i < round % 4; i++) await send('OPTIONS', '/');
    return await other();
  };
  return await Promise.all([one(), late()]);
}

const rounds = 60;

afterEach(() => {
  for (const each of [server, second]) expect(each.complaints()).toBe('');
  expect(leftBehind(server).filter((name) => name.startsWith('.'))).toEqual([]);
});

describe('a condition holds of what is changed', () => {
  it.each([
    ['If-Match', (tag: string) => ({ 'If-Match': tag }), send],
    ['If', (tag: string) => ({ If: `([${tag}])` }), send],
    ['If-Match, by another process,', (tag: string) => ({ 'If-Match': tag }), sendToSecond],
  ])('DELETE with %s never removes the new version', async (_, demand, send) => {
    for (let round = 0; round < rounds; round++) {
      const tag = await stored('/d', 'old');
      const [get, removed] = await race(
        round,
        () => put('/d', 'new').then(() => ask(server.port, 'GET', '/d')),
        () => send('DELETE', '/d', { headers: demand(tag) }),
      );
      expect([204, 412]).toContain(removed.status);
      // From the answer of the PUT on.
      expect([get.status, get.body]).toEqual([200, 'new']);
      expect(onDisk('d')).toBe('new');
    }
  });

  it.each(['MOVE', 'COPY'])('%s with If-Match never takes the new version', async (method) => {
    for (let round = 0; round < rounds; round++) {
      const tag = await stored('/m', 'old');
      const headers = { 'If-Match': tag, Destination: url('/m2') };
      const [uploaded, moved] = await race(
        round,
        () => put('/m', 'new'),
        () => send(method, '/m', { headers }),
      );
      expect([201, 204]).toContain(uploaded.status);
      expect([201, 412]).toContain(moved.status);
      if (moved.status === 201) expect(onDisk('m2')).toBe('old');
      expect(onDisk('m')).toBe('new');
      rmSync(join(server.root, 'm2'), { force: true });
    }
  });

  it.each(['MOVE', 'COPY'])('%s with a tag of the destination never replaces another', async (method) => {
    for (let round = 0; round < rounds; round++) {
      await put('/from', 'moved');
      const tag = await stored('/to', 'old');
      const headers = { If: `<${url('/to')}> ([${tag}])`, Destination: url('/to') };
      const [, moved] = await race(
        round,
        () => put('/to', 'new'),
        () => send(method, '/from', { headers }),
      );
      expect([204, 412]).toContain(moved.status);
      // Where the tag was that of the old version, the new one came later.
      expect(onDisk('to')).toBe('new');
    }
  });

  it('one of eight PUTs with the same tag in If succeeds', async () => {
    for (let round = 0; round < 25; round++) {
      const tag = await stored('/one', 'old');
      const sent = (i: number) => ({ body: `new ${i}`, headers: { If: `([${tag}])` } });
      const answers = await times(8, (i) => (i % 2 ? send : sendToSecond)('PUT', '/one', sent(i)));
      expect(statusesOf(answers)).toEqual([204, ...Array(7).fill(412)]);
      const won = answers.findIndex(({ status }) => status === 204);
      expect(onDisk('one')).toBe(`new ${won}`);
    }
  });

  it('of MOVEs with the same tag one succeeds, and DELETE with If-Match: * is not misled by an upload', async () => {
    for (let round = 0; round < 20; round++) {
      const tag = await stored('/p', 'old');
      const headers = (i: number) => ({ 'If-Match': tag, Destination: url(`/p${i}`) });
      expect(statusesOf(await times(4, (i) => send('MOVE', '/p', { headers: headers(i) })))).toEqual([
        201, 412, 412, 412,
      ]);
      for (const name of readdirSync(server.root).filter((each) => /^p\d$/.test(each)))
        rmSync(join(server.root, name));
      await put('/p', 'old');
      const [, { status }] = await race(
        round,
        () => put('/p', 'new'),
        () => send('DELETE', '/p', { headers: { 'If-Match': '*' } }),
      );
      expect(status).toBe(204);
    }
  });

  it('of MKCOLs with If-None-Match: * one succeeds', async () => {
    const headers = { 'If-None-Match': '*' };
    expect(statusesOf(await times(10, () => send('MKCOL', '/only', { headers })))).toEqual([
      201,
      ...Array(9).fill(412),
    ]);
  });
});

describe('of many that do the same', () => {
  it('one MKCOL makes the folder', async () => {
    for (let round = 0; round < 20; round++) {
      const answers = await times(10, () => send('MKCOL', `/folder${round}`));
      expect(statusesOf(answers)).toEqual([201, ...Array(9).fill(405)]);
    }
  });

  it.each(['file', 'folder'])('one MOVE has the %s', async (kind) => {
    for (let round = 0; round < 20; round++) {
      if (kind === 'file') await put('/contended', 'x');
      else mkdirSync(join(server.root, 'contended'));
      const answers = await times(8, (i) =>
        send('MOVE', '/contended', { headers: { Destination: url(`/won${i}`) } }),
      );
      expect(statusesOf(answers)).toEqual([201, ...Array(7).fill(404)]);
      const won = readdirSync(server.root).filter((name) => name.startsWith('won'));
      expect(won).toEqual([`won${answers.findIndex(({ status }) => status === 201)}`]);
      rmSync(join(server.root, String(won)), { recursive: true });
    }
  });

  it('one MOVE and one COPY make the destination, the others replace it', async () => {
    for (let round = 0; round < 20; round++) {
      await times(4, (i) => put(`/s${i}`, `${i}`));
      const headers = { Destination: url('/made') };
      const answers = await times(4, (i) => send(i % 2 ? 'MOVE' : 'COPY', `/s${i}`, { headers }));
      expect(statusesOf(answers)).toEqual([201, 204, 204, 204]);
      rmSync(join(server.root, 'made'));
    }
  });

  it('one DELETE removes', async () => {
    for (let round = 0; round < 20; round++) {
      await put('/doomed', 'x');
      expect(statusesOf(await times(6, () => send('DELETE', '/doomed')))).toEqual([
        204,
        ...Array(5).fill(404),
      ]);
    }
  });

  it.each([10, 100_000, 2_000_000])('one first PUT of %i bytes is told 201', async (size) => {
    for (let round = 0; round < 15; round++) {
      const answers = await times(3, () => put('/first', 'x'.repeat(size)));
      expect(statusesOf(answers)).toEqual([201, 204, 204]);
      rmSync(join(server.root, 'first'));
    }
  });

  it('one LOCK of a name that nothing has makes the file', async () => {
    const body =
      '<lockinfo xmlns="DAV:"><locktype><write/></locktype><lockscope><exclusive/></lockscope></lockinfo>';
    for (let round = 0; round < 10; round++) {
      const answers = await times(8, () => send('LOCK', `/locked${round}`, { body }));
      expect(statusesOf(answers)).toEqual([201, ...Array(7).fill(423)]);
    }
  });
});

describe('a folder', () => {
  it('that is being filled is removed', async () => {
    for (let round = 0; round < 15; round++) {
      mkdirSync(join(server.root, 'filling/deep'), { recursive: true });
      const fill = async (worker: number) => {
        for (let i = 0; i < 12; i++) {
          const { status } = await put(`/filling/${i % 2 ? 'deep/' : ''}${worker}-${i}`, 'x');
          expect([201, 409]).toContain(status);
        }
      };
      const [removed] = await Promise.all([
        (async () => {
          for (let i = 0; i < round % 5; i++) await send('OPTIONS', '/');
          return await send('DELETE', '/filling');
        })(),
        times(5, fill),
      ]);
      expect(removed.status).toBe(204);
      expect(readdirSync(server.root)).not.toContain('filling');
    }
  });

  it.each(['COPY', 'MOVE'])('that loses and gains files is the source of a %s', async (method) => {
    for (let round = 0; round < 15; round++) {
      const folder = join(server.root, 'busy');
      mkdirSync(join(folder, 'inner'), { recursive: true });
      for (let i = 0; i < 30; i++) writeFileSync(join(folder, i % 2 ? `${i}` : `inner/${i}`), 'x');
      const [moved] = await Promise.all([
        send(method, '/busy', { headers: { Destination: url('/idle') } }),
        times(15, (i) => send('DELETE', `/busy/${2 * i + 1}`)),
        send('DELETE', '/busy/inner'),
      ]);
      expect(moved.status).toBe(201);
      rmSync(folder, { recursive: true, force: true });
      rmSync(join(server.root, 'idle'), { recursive: true });
    }
  });

  it('is replaced by a MOVE while another puts something into it', async () => {
    for (let round = 0; round < 15; round++) {
      await send('MKCOL', '/target');
      await put('/lone', 'lone');
      const [moved] = await Promise.all([
        send('MOVE', '/lone', { headers: { Destination: url('/target') } }),
        times(5, (i) => put(`/target/${i}`, 'x')),
      ]);
      expect(moved.status).toBe(204);
      expect(onDisk('target')).toBe('lone');
      await send('DELETE', '/target');
    }
  });
});

describe('a property that is set while the file is uploaded', () => {
  const colour = (value: string) =>
    `<propertyupdate xmlns="DAV:"><set><prop><colour xmlns="urn:x">${value}</colour></prop></set></propertyupdate>`;
  const colourOf = async (path: string) => {
    const body = '<propfind xmlns="DAV:"><prop><colour xmlns="urn:x"/></prop></propfind>';
    const answer = await send('PROPFIND', path, { body, headers: { Depth: '0' } });
    return />(\w+)<\/colour>/.exec(answer.body)?.[1];
  };

  it('stays, be it set on a version that was not there when the upload began', async () => {
    await put('/slow', 'first');
    const size = 3_000_000;
    const upload = request({
      port: server.port,
      method: 'PUT',
      path: '/slow',
      agent: false,
      headers: { 'Content-Length': size, Expect: '100-continue' },
    });
    const answered = new Promise<number>((resolve, reject) => {
      upload.once('response', (response) => {
        response.resume();
        resolve(response.statusCode as number);
      });
      upload.once('error', reject);
    });
    await new Promise((resolve) => upload.once('continue', resolve)); // the file to be replaced has been looked at
    upload.write(Buffer.alloc(size / 2));
    await put('/slow', 'second');
    expect((await send('PROPPATCH', '/slow', { body: colour('blue') })).body).toContain('200 OK');
    upload.end(Buffer.alloc(size / 2));
    expect(await answered).toBe(204);
    expect(await colourOf('/slow')).toBe('blue');
  });

  it('stays at whatever moment', async () => {
    await put('/painted', 'x');
    for (let round = 0; round < rounds; round++) {
      const [patched] = await race(
        round,
        () => send('PROPPATCH', '/painted', { body: colour(`c${round}`) }),
        () => put('/painted', `${round}`),
      );
      expect(patched.body).toContain('200 OK');
      expect(await colourOf('/painted')).toBe(`c${round}`);
    }
  });
});
