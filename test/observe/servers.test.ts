/** Servers that nobody changes: what they store has its checksum soon after. */

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { adlerOf, keptAdler, Observed } from './observing.js';

needs('nginx');

const base = temporaryFolder();

/** nginx with its DAV module, that serves a folder. Its socket's path. */
async function nginx(root: string): Promise<string> {
  const own = join(base, `nginx-${Date.now()}`);
  mkdirSync(own);
  const socket = join(own, 'socket');
  writeFileSync(
    join(own, 'nginx.conf'),
    `daemon off; user root; pid ${own}/pid; error_log ${own}/errors;
events {}
http {
  access_log off; client_body_temp_path ${root}/.uploads; client_max_body_size 0;
  proxy_temp_path ${own}/proxy; fastcgi_temp_path ${own}/fastcgi; uwsgi_temp_path ${own}/uwsgi; scgi_temp_path ${own}/scgi;
  server {
    listen unix:${socket}; root ${root};
    location / { dav_methods PUT DELETE MKCOL COPY MOVE; create_full_put_path on; }
  }
}`,
  );
  const child = spawn('nginx', ['-c', join(own, 'nginx.conf')], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await expect.poll(() => ask(socket, 'GET', '/').catch(() => 0)).toBeGreaterThan(0);
  return socket;
}

function ask(
  socketPath: string,
  method: string,
  path: string,
  { body, headers = {} }: { body?: Buffer; headers?: Record<string, string> } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, headers: { host: 'here', ...headers } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    asked.on('error', reject).end(body);
  });
}

it.each(['follow', 'hook', 'reread'] as const)(
  'nginx: PUT, COPY and MOVE, with the method %s',
  async (method) => {
    const root = join(base, method);
    mkdirSync(root);
    const observed = new Observed(root, { method, profiles: ['storm'] });
    const socket = await nginx(root);
    const [path, copy, moved] = ['file', 'below/copy', 'moved'].map((name) => join(root, name)) as [
      string,
      string,
      string,
    ];

    const bytes = randomBytes(5_000_000);
    expect(await ask(socket, 'PUT', '/file', { body: bytes })).toBe(201);
    await observed.value(path);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(await keptAdler(path)).toBe(adlerOf(path));

    expect(await ask(socket, 'MKCOL', '/below/')).toBe(201);
    expect(await ask(socket, 'COPY', '/file', { headers: { destination: 'http://here/below/copy' } })).toBe(
      204,
    );
    await observed.value(copy);
    expect(await keptAdler(copy)).toBe(adlerOf(path));

    expect(await ask(socket, 'MOVE', '/file', { headers: { destination: 'http://here/moved' } })).toBe(204);
    await observed.value(moved);
    expect(await keptAdler(moved)).toBe(adlerOf(moved));

    const before = observed.events.length;
    expect(await ask(socket, 'PUT', '/moved', { body: randomBytes(100_000) })).toBe(204);
    await observed.first(
      (event) => event.type === 'value' && event.file === moved && event.bytes === 100_000,
      before,
    );
    expect(await keptAdler(moved)).toBe(adlerOf(moved));
    expect(observed.events.filter(({ type }) => type === 'unknown')).toEqual([]);
  },
);
