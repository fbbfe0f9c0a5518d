import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  ftruncateSync,
  linkSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { algorithms } from '../../lib/engine/algorithms.js';
import type { ObserveOptions } from '../../lib/observe/index.js';
import { folderIn, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { Random } from '../helpers/random.js';
import { reference } from '../helpers/reference.js';
import {
  adlerOf,
  eventOf,
  keptAdler,
  lineOf,
  linesOf,
  Observed,
  start,
  stopped,
  truncateByName,
} from './observing.js';

needs('python3');

const storing = fileURLToPath(new URL('programs/storing.py', import.meta.url));
const base = temporaryFolder();
const folder = () => folderIn(base);

describe.each(['hook', 'follow'] as const)('with the method %s, a file', (method) => {
  const watch = (folder: string, options: ObserveOptions = {}) =>
    new Observed(folder, { method, ...options });

  it.each([
    ['in pieces of 1 MiB', 1 << 20],
    ['in pieces of 8 KiB', 8192],
    ['in odd pieces', 100_003],
  ])('as it is written %s has its values without being read again', async (_, size) => {
    const root = folder();
    const observed = watch(root, { algorithms, profiles: ['storm', 'sluice'] });
    const path = join(root, 'file');
    const bytes = randomBytes(5_000_001);
    const fd = openSync(path, 'w');
    for (let at = 0; at < bytes.length; at += size)
      writeSync(fd, bytes, at, Math.min(size, bytes.length - at));
    closeSync(fd);
    const event = await observed.value(path);
    expect(event).toMatchObject({ origin: method, bytes: bytes.length });
    for (const name of algorithms) expect(event.checksums.get(name)).toBe(reference(name, bytes));
    expect(observed.observation.stats).toMatchObject({
      followed: 1,
      bytesRead: 0,
      bytesFollowed: method === 'follow' ? bytes.length : 0,
    });
    expect(await keptAdler(path)).toBe(adlerOf(path));
  });

  it('in pieces in any order has its values', async () => {
    const root = folder();
    const observed = watch(root);
    const path = join(root, 'file');
    const piece = 300_000;
    const bytes = randomBytes(piece * 20);
    const random = new Random(7);
    const order = Array.from({ length: 20 }, (_, n) => n).sort(() => random.below(3) - 1);
    const fd = openSync(path, 'w');
    for (const n of order) writeSync(fd, bytes, n * piece, piece, n * piece);
    closeSync(fd);
    const event = await observed.value(path);
    expect(event.checksums.adler32?.value).toBe(reference('adler32', bytes));
  });

  it('and grows later has its values without its beginning being read again', async () => {
    const root = folder();
    const observed = watch(root, { profiles: ['storm'] });
    const path = join(root, 'file');
    writeFileSync(path, randomBytes(4_000_000));
    await observed.value(path);
    const before = observed.observation.stats.bytesFollowed;
    const events = observed.events.length;
    writeFileSync(path, randomBytes(2_000_000), { flag: 'a' });
    expect(await observed.value(path, events)).toMatchObject({ origin: method, bytes: 6_000_000 });
    expect(await keptAdler(path)).toBe(adlerOf(path));
    expect(observed.observation.stats.bytesFollowed - before).toBeLessThan(5_100_000);
  });

  it('loses its value at the first change, and not only when that is closed', async () => {
    const root = folder();
    const observed = watch(root, { profiles: ['storm'] });
    const path = join(root, 'file');
    writeFileSync(path, 'first');
    await observed.value(path);
    const fd = openSync(path, 'r+');
    writeSync(fd, 'F');
    expect(await observed.first(({ type }) => type === 'retracted')).toMatchObject({ file: path });
    expect(await keptAdler(path)).toBeUndefined();
    closeSync(fd);
    await observed.value(path, 2);
    expect(await keptAdler(path)).toBe(adlerOf(path));
  });

  it('that is changed by a name elsewhere has its value when that is closed', async () => {
    const root = folder();
    const observed = watch(root, { profiles: ['storm'] });
    const [path, elsewhere] = [join(root, 'file'), join(folder(), 'link')];
    writeFileSync(path, 'first');
    await observed.value(path);
    linkSync(path, elsewhere);
    const fd = openSync(elsewhere, 'a');
    writeSync(fd, ', second');
    await observed.first(({ type }) => type === 'retracted');
    closeSync(fd);
    await observed.first((each) => each.type === 'value' && each.bytes > 5);
    expect(await keptAdler(path)).toBe(adlerOf(path));
  });

  it('is told of by a path that begins with the folder as it was given', async () => {
    const root = folder();
    const given = relative(process.cwd(), root);
    const observed = watch(given, { profiles: ['storm'] });
    const file = join(given, 'file');
    writeFileSync(file, 'first');
    await observed.value(file);
    writeFileSync(file, 'second', { flag: 'a' });
    expect(await observed.first(({ type }) => type === 'retracted')).toMatchObject({ file });
    await observed.value(file, 2);
  });

  it('loses a value from before at the first change, too', async () => {
    const root = folder();
    const path = join(root, 'file');
    const before = watch(root, { profiles: ['storm'] });
    writeFileSync(path, 'first');
    await before.value(path);
    await before.observation[Symbol.asyncDispose]();
    const observed = watch(root, { profiles: ['storm'] });
    const fd = openSync(path, 'r+');
    writeSync(fd, 'F');
    expect(await observed.first(({ type }) => type === 'retracted')).toMatchObject({ file: path });
    expect(await keptAdler(path)).toBeUndefined();
    closeSync(fd);
    await observed.value(path);
    expect(await keptAdler(path)).toBe(adlerOf(path));
  });

  it.each<[string, (path: string) => void]>([
    ['that is cut', (path) => truncateSync(path, 2_000_000)],
    [
      'that is cut while it is written',
      (path) => {
        const fd = openSync(path, 'r+');
        writeSync(fd, 'x', 3_000_000);
        ftruncateSync(fd, 1_000_000);
        closeSync(fd);
      },
    ],
    ['with a hole punched', (path) => execFileSync('fallocate', ['-p', '-o', '4096', '-l', '65536', path])],
    [
      'written to with O_DIRECT',
      (path) =>
        execFileSync('dd', [
          'if=/dev/urandom',
          `of=${path}`,
          'bs=4096',
          'count=3',
          'oflag=direct',
          'conv=notrunc',
          'status=none',
        ]),
    ],
    ['written to by way of a mapping', (path) => execFileSync('python3', [storing, path])],
    [
      'with bytes written twice',
      (path) => {
        const fd = openSync(path, 'r+');
        writeSync(fd, randomBytes(2_000_000), 0, 2_000_000, 500_000);
        closeSync(fd);
      },
    ],
  ])('%s has right values after that', async (_, change) => {
    const root = folder();
    const observed = watch(root, { profiles: ['storm'] });
    const path = join(root, 'file');
    writeFileSync(path, randomBytes(4_000_000));
    await observed.value(path);
    expect(await keptAdler(path)).toBe(adlerOf(path));
    const content = readFileSync(path);
    change(path);
    expect(readFileSync(path).equals(content)).toBe(false);
    await expect.poll(() => keptAdler(path)).toBe(adlerOf(path));
  });

  it('that was open for writing, and was not written to, keeps its value', async () => {
    const root = folder();
    const observed = watch(root, { profiles: ['storm'] });
    const path = join(root, 'file');
    writeFileSync(path, randomBytes(9_000_000));
    const { checksums } = await observed.value(path);
    const { bytesRead, bytesFollowed } = observed.observation.stats;
    const before = observed.events.length;
    closeSync(openSync(path, 'r+'));
    expect(await observed.value(path, before)).toMatchObject({ checksums, why: 'closed' });
    expect(observed.events.slice(before).map(({ type }) => type)).toEqual(['value']);
    expect(observed.observation.stats).toMatchObject({ bytesRead, bytesFollowed });
    expect(await keptAdler(path)).toBe(adlerOf(path));
  });

  it.each<[string, ObserveOptions]>([
    ['where its profile keeps a time of change', { profiles: ['sluice'] }],
    ['where there is no profile', {}],
  ])('that is shortened by its name, of which nothing was known, has its value, %s', async (_, options) => {
    const root = folder();
    const path = join(root, 'file');
    writeFileSync(path, 'content');
    const observed = watch(root, options);
    truncateByName(4, path);
    expect(await observed.value(path)).toMatchObject({ why: 'changed', bytes: 4 });
    expect(observed.events).toHaveLength(1);
  });

  it('among more than can be noted at once is looked for when it was shortened by its name', async () => {
    const root = folder();
    const { child } = await start(root, '--method', method, '--profile', 'storm', '--json');
    const lines = linesOf(child.stdout);
    const paths = Array.from({ length: 5000 }, (_, n) => join(root, String(n)));
    for (const path of paths) writeFileSync(path, path);
    for (let told = 0; told < paths.length; told++) await lineOf(lines, '"value"');
    await stopped(child.pid as number);
    truncateByName(5, ...paths);
    child.kill('SIGCONT');
    expect(await eventOf(lines, '"lost"')).toMatchObject({ what: 'overflow' });
    for (const path of paths) await expect.poll(() => keptAdler(path), { message: path }).toBe(adlerOf(path));
  });

  it('among many, written by several at once, has right values', async () => {
    const root = folder();
    const observed = watch(root, { profiles: ['storm'] });
    const writers = Array.from(
      { length: 4 },
      (_, n) => `for i in $(seq 20); do head -c $((i * 150000)) /dev/urandom > ${root}/${n}-$i; done`,
    );
    execFileSync('bash', ['-c', `${writers.map((each) => `(${each}) &`).join('\n')}\nwait`]);
    for (let n = 0; n < 4; n++) {
      for (let i = 1; i <= 20; i++) {
        const path = join(root, `${n}-${i}`);
        await observed.value(path);
        expect(await keptAdler(path)).toBe(adlerOf(path));
      }
    }
    expect(observed.observation.stats.followed).toBeGreaterThan(70);
  });
});
