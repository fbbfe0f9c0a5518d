/** What the example server may not read, and what is gone when it looks. */

import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { run } from '../cli/run.js';
import { type Answer, ask, type Sent } from '../helpers/http.js';
import { needs } from '../helpers/needs.js';
import { start } from '../helpers/program.js';
import { servedUnprivileged } from './serve.js';

needs('rclone');

const server = servedUnprivileged();
const send = (method: string, path: string, sent?: Sent): Promise<Answer> =>
  ask(server.port, method, path, sent);
const members = async (path: string) => {
  const { status, body } = await send('PROPFIND', path, { headers: { Depth: '1' } });
  return {
    status,
    hrefs: [...body.matchAll(/<D:href>(.*?)<\/D:href>/g)].map(([, href]) => href).sort(),
    body,
  };
};

beforeAll(() => {
  const folder = join(server.root, 'folder');
  mkdirSync(join(folder, 'closed'), { recursive: true });
  writeFileSync(join(folder, 'closed', 'inside'), 'inside');
  for (const name of ['open', 'secret']) writeFileSync(join(folder, name), name);
  for (const name of ['closed', 'secret']) chmodSync(join(folder, name), 0);
});
afterAll(() => chmodSync(join(server.root, 'folder/closed'), 0o700)); // to be removed
afterEach(() => expect(server.complaints()).toBe(''));

it('a folder is listed with what in it may not be read', async () => {
  const { status, hrefs, body } = await members('/folder/');
  expect(status).toBe(207);
  expect(hrefs).toEqual(['/folder/', '/folder/closed/', '/folder/open', '/folder/secret']);
  const [, secret] = /<D:href>\/folder\/secret<\/D:href>(.*?)<\/D:response>/s.exec(body) ?? [];
  expect(secret).toMatch(/getcontentlength[^>]*>6</);
  const { stdout, stderr } = await run('rclone', [
    '--config=/dev/null',
    `--webdav-url=${server.url}`,
    'lsf',
    ':webdav:folder',
  ]);
  expect({ stdout, stderr }).toEqual({ stdout: 'closed/\nopen\nsecret\n', stderr: '' });
});

it.each([
  ['GET', '/folder/secret'],
  ['GET', '/folder/closed/'],
  ['GET', '/folder/closed/inside'],
  ['PROPFIND', '/folder/closed/'],
  ['PUT', '/folder/secret'],
  ['PUT', '/folder/closed/new'],
  ['MKCOL', '/folder/closed/new/'],
  ['DELETE', '/folder/closed/inside'],
  ['COPY', '/folder/secret'],
  ['COPY', '/folder/closed/inside'],
  ['COPY', '/folder/'],
  ['LOCK', '/folder/closed/new'],
])('%s of %s is forbidden', async (method, path) => {
  const headers = { Depth: method === 'PROPFIND' ? '1' : 'infinity', Destination: `${server.url}/made` };
  const body = method === 'PUT' ? 'new' : method === 'LOCK' ? lock : '';
  expect((await send(method, path, { headers, body })).status).toBe(403);
  expect(readdirSync(server.root)).toEqual(['folder']);
});

const lock =
  '<lockinfo xmlns="DAV:"><locktype><write/></locktype><lockscope><exclusive/></lockscope></lockinfo>';

it('a folder is listed while others remove what is in it', async () => {
  const busy = join(server.root, 'busy');
  mkdirSync(busy);
  const others = start(new URL('programs/churning.mjs', import.meta.url), [busy]);
  await others.line();
  const statuses = new Set<number>();
  for (let i = 0; i < 200; i++) statuses.add((await members('/busy/')).status);
  expect([...statuses]).toEqual([207]);
});
