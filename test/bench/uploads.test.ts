import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Uploads } from '../../bench/contestants/uploads.js';
import { programPath } from '../../lib/measure/programs.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { reference } from '../helpers/reference.js';
import { Client, put } from '../http/server.js';

needs('nginx');

/** Ports that this process, or a child of its own, listens on. */
function listeningPorts(): number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const open = ['self', ...children.filter(Boolean)].flatMap((pid) =>
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return ''; // that of the listing itself
      }
    }),
  );
  const listens = '0A';
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === listens && open.includes(`socket:[${inode}]`))
    .map(([, local]) => Number.parseInt((local as string).split(':')[1] as string, 16));
}

it('stores nothing for anybody but its own client', async () => {
  const base = temporaryFolder();
  const folder = join(base, 'uploads');
  mkdirSync(folder);
  await using uploads = new Uploads(programPath('upload') as string);
  const upload = { file: fileOf(base, 1000), folder, count: 2, connections: 1, replaces: false };
  const contestants = (await uploads.contestants(upload)).flat();
  expect([...uploads.missing]).toEqual([]);
  for (const { prepare, pass } of contestants) {
    await prepare?.();
    expect((await pass()).bytes).toBe(2000);
  }
  const stored = readdirSync(folder, { recursive: true });
  const ports = listeningPorts();
  expect(ports).toHaveLength(contestants.length);
  for (const port of ports) {
    for (const path of ['/x', '/1/0', '/../x', '/../uploads/x', '/%2e%2e/x', '//x', `${folder}/x`]) {
      await using client = new Client(port);
      await client.send(put(path, { 'Content-Length': 1, Connection: 'close' }), 'x');
      expect(await client.end(), path).toMatch(/^HTTP\/1.1 4\d\d /);
    }
  }
  expect(readdirSync(folder, { recursive: true })).toEqual(stored);
  expect(existsSync(join(base, 'x'))).toBe(false);
});

it('nginx is measured with buffers of several sizes', async () => {
  const folder = join(temporaryFolder(), 'uploads');
  mkdirSync(folder);
  await using uploads = new Uploads(programPath('upload') as string);
  const upload = { file: fileOf(folder, 1), folder, count: 1, connections: 1, replaces: false };
  const forms = (await uploads.contestants(upload)).flat().filter(({ name }) => name === 'nginx');
  expect(new Set(forms.map(({ parameters }) => parameters.buffer)).size).toBe(7);
});

it('replaces the files of the pass before, or stores beside them', async () => {
  const base = temporaryFolder();
  const folder = join(base, 'uploads');
  mkdirSync(folder);
  await using uploads = new Uploads(programPath('upload') as string);
  const content = randomBytes(1000);
  const file = fileOf(base, content);
  const entries = await uploads.contestants({ file, folder, count: 3, connections: 2, replaces: true });
  const stored = () =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\/\d+\/\d+$/.test(name));
  const added = new Map<string, number>();
  for (const { name, parameters, prepare, pass } of entries.flat()) {
    await prepare?.();
    const first = await pass();
    const before = stored().length;
    await prepare?.();
    const { bytes, value } = await pass();
    expect([bytes, value], name).toEqual([3000, first.value]);
    expect(first.value, name).toBe(
      parameters.backend === 'none' ? undefined : 3n * reference('crc32', content),
    );
    added.set(name, stored().length - before);
  }
  const names = ['Node pipeline + zlib', 'receive, stream', 'receive, relay', 'nginx'];
  expect([...added]).toEqual([
    ...names.map((name) => [name, 3]),
    ...names.map((name) => [`${name}, replacing`, 0]),
    ['node:http, nothing stored', 0],
  ]);
  for (const name of stored()) expect(readFileSync(join(folder, name)).equals(content)).toBe(true);
});
