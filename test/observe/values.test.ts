import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { algorithms } from '../../lib/engine/algorithms.js';
import { StagedFile } from '../../lib/files/staging/staged-file.js';
import { type Profile, profiles } from '../../lib/files/xattr/profiles/table.js';
import { readChecksums } from '../../lib/files/xattr/read.js';
import { storeChecksums } from '../../lib/files/xattr/store.js';
import type { ObserveOptions } from '../../lib/observe/index.js';
import { folderIn, temporaryFolder } from '../helpers/files.js';
import { reference } from '../helpers/reference.js';
import { adlerOf, keptAdler, Observed } from './observing.js';

const dated: readonly Profile[] = ['sluice', 'xrdcks'];
const base = temporaryFolder();
const folder = () => folderIn(base);

describe.each(['reread', 'follow', 'hook'] as const)('with the method %s,', (method) => {
  const watch = (folders: string | string[], options: ObserveOptions = {}) =>
    new Observed(folders, { method, ...options });

  describe('a file that another program writes', () => {
    it('has its values told, with who wrote it', async () => {
      const root = folder();
      const observed = watch(root, { algorithms });
      const path = join(root, 'file');
      execFileSync('dd', ['if=/dev/urandom', `of=${path}`, 'bs=70001', 'count=3', 'status=none']);
      const bytes = readFileSync(path);
      const { dev, ino } = statSync(path);
      const event = await observed.value(path);
      expect(event).toMatchObject({ dev, ino, bytes: bytes.length, why: 'closed', origin: method });
      expect(event.pid).toBeGreaterThan(0);
      for (const name of algorithms) expect(event.checksums.get(name)).toBe(reference(name, bytes));
    });

    it('has the name of the program told that wrote it, if that runs still', async () => {
      const root = folder();
      const observed = watch(root);
      const path = join(root, 'file');
      writeFileSync(path, 'by this process');
      const { pid, comm } = await observed.value(path);
      expect({ pid, comm }).toEqual({
        pid: process.pid,
        comm: readFileSync('/proc/self/comm', 'utf8').trim(),
      });
    });

    it.each(profiles)('keeps its values in the profile %s', async (profile) => {
      const root = folder();
      const observed = watch(root, { profiles: [profile], algorithms: ['adler32', 'crc32c'] });
      const path = join(root, 'file');
      writeFileSync(path, randomBytes(300_000));
      const { checksums } = await observed.value(path);
      const kept = await readChecksums(path, { profiles: [profile] });
      expect(kept.length).toBeGreaterThan(0);
      for (const each of kept) {
        expect(each.state).toBe(dated.includes(profile) ? 'fresh' : 'undated');
        expect(each).toHaveProperty('hex', checksums.hex('algorithm' in each ? each.algorithm : 'adler32'));
      }
    });

    it('has the values of what it was overwritten with', async () => {
      const root = folder();
      const observed = watch(root, { profiles: ['storm', 'sluice'] });
      const path = join(root, 'file');
      for (const content of ['first', 'second, and longer', 'third']) {
        const before = observed.events.length;
        writeFileSync(path, content);
        expect(await observed.value(path, before)).toMatchObject({ why: 'closed', pid: process.pid });
        expect(await keptAdler(path)).toBe(adlerOf(path));
        expect(await readChecksums(path, { profiles: ['sluice'] })).toMatchObject([{ state: 'fresh' }]);
      }
    });

    it('is told of under its last name, where it was renamed over another', async () => {
      const root = folder();
      const observed = watch(root, { profiles: ['storm'] });
      const [temporary, path] = [join(root, '.temporary'), join(root, 'file')];
      writeFileSync(path, 'old');
      writeFileSync(temporary, 'newer');
      renameSync(temporary, path);
      const event = await observed.first(
        (each) => each.type === 'value' && each.file === path && each.bytes === 5,
      );
      expect(event).toMatchObject({ checksums: { adler32: { hex: adlerOf(path) } } });
      expect(await keptAdler(path)).toBe(adlerOf(path));
    });

    it('is told of under the name that it got, where it had none (O_TMPFILE, linkat)', async () => {
      const root = folder();
      const observed = watch(root, { profiles: ['storm'] });
      const path = join(root, 'file');
      await using staged = await StagedFile.create(path, { content: randomBytes(10_000) });
      await staged.publish();
      await observed.value(path);
      expect(await keptAdler(path)).toBe(adlerOf(path));
    });

    it('is not told if it was removed before it was closed', async () => {
      const root = folder();
      const observed = watch(root);
      const fd = openSync(join(root, 'removed'), 'w');
      writeSync(fd, 'content');
      unlinkSync(join(root, 'removed'));
      closeSync(fd);
      await observed.settled((path) => writeFileSync(path, ''), join(root, 'last'));
      expect(observed.events).toMatchObject([{ file: join(root, 'last') }]);
    });

    it('is summed without its holes being read', async () => {
      const root = folder();
      const observed = watch(root, { profiles: ['storm'] });
      const path = join(root, 'sparse');
      const fd = openSync(path, 'w');
      writeSync(fd, 'begin', 0);
      writeSync(fd, 'end', 3_000_000);
      closeSync(fd);
      truncateSync(path, 5_000_000);
      await expect.poll(() => keptAdler(path)).toBe(adlerOf(path));
      expect(observed.observation.stats.bytesRead).toBeLessThan(1_000_000);
    });

    it('of which nothing but the length was set is summed at once, however long it is', async () => {
      const root = folder();
      const observed = watch(root);
      const path = join(root, 'hole');
      const bytes = 16 * 2 ** 40 - 4096; // the longest that ext4 has
      execFileSync('truncate', ['-s', String(bytes), path]);
      // a = 1, and b is that as often as there are bytes
      const b = BigInt(bytes) % 65521n;
      const { checksums } = await observed.first<never>(
        (each) => each.type === 'value' && each.bytes === bytes,
      );
      expect((checksums as { adler32: { value: bigint } }).adler32.value).toBe((b << 16n) | 1n);
      expect(observed.observation.stats.bytesRead).toBe(0);
    });

    it('is summed in turns with other large and small ones', async () => {
      const root = folder();
      const observed = watch(root, { profiles: ['storm'] });
      const paths = Array.from({ length: 12 }, (_, n) => join(root, `file-${n}`));
      for (const [n, path] of paths.entries())
        writeFileSync(path, randomBytes(n % 3 === 0 ? 9_000_000 : 5000 * n));
      for (const path of paths) await observed.value(path);
      for (const path of paths) expect(await keptAdler(path)).toBe(adlerOf(path));
    });

    it('that is empty has the values of nothing', async () => {
      const root = folder();
      const observed = watch(root, { algorithms: ['adler32', 'crc32c'] });
      writeFileSync(join(root, 'empty'), '');
      expect((await observed.value(join(root, 'empty'))).checksums).toMatchObject({
        adler32: { value: 1n },
        crc32c: { value: 0n },
      });
    });
  });

  describe('what is not in the folders', () => {
    it('is not told', async () => {
      const root = folder();
      const outside = folder();
      const observed = watch(root, { profiles: ['storm'] });
      writeFileSync(join(outside, 'file'), 'not ours');
      writeFileSync(`${root}-beside`, 'nor this');
      await observed.settled((path) => writeFileSync(path, ''), join(root, 'last'));
      expect(observed.events).toHaveLength(1);
      expect(await keptAdler(join(outside, 'file'))).toBeUndefined();
    });

    it('is told where it is another name of a file that carries what was set', async () => {
      const root = folder();
      const outside = join(folder(), 'other-name');
      const observed = watch(root, { profiles: ['storm'] });
      const path = join(root, 'file');
      writeFileSync(path, 'first');
      await observed.value(path);
      linkSync(path, outside);
      appendFileSync(outside, ', and more by its other name');
      await observed.first((each) => each.type === 'value' && each.bytes > 5);
      expect(await keptAdler(path)).toBe(adlerOf(path));
    });

    it('is told where it is another name of a file that carried that before the observation began', async () => {
      const root = folder();
      const outside = join(folder(), 'other-name');
      const path = join(root, 'file');
      const before = watch(root, { profiles: ['storm'] });
      writeFileSync(path, 'first');
      await before.value(path);
      await before.observation[Symbol.asyncDispose]();
      linkSync(path, outside);
      const observed = watch(root, { profiles: ['storm'] });
      appendFileSync(outside, ', and more');
      const { ino } = statSync(path);
      await observed.first((each) => each.type === 'value' && each.ino === ino && each.bytes > 5);
      expect(await keptAdler(path)).toBe(adlerOf(path));
    });

    it('is left alone, although it carries an attribute of the profile, where it has no other name', async () => {
      const [root, outside] = [folder(), join(folder(), 'file')];
      writeFileSync(outside, 'theirs');
      await storeChecksums(outside, { adler32: 1n }, { profiles: ['storm'] });
      const observed = watch(root, { profiles: ['storm'] });
      // Writing would have programs in the kernel take notice; a close is enough.
      closeSync(openSync(outside, 'r+'));
      await observed.settled((path) => writeFileSync(path, ''), join(root, 'last'));
      expect(observed.events).toHaveLength(1);
      expect(await keptAdler(outside)).toBe('00000001');
    });
  });

  it('nothing but regular files is opened', async () => {
    const root = folder();
    const observed = watch(root);
    execFileSync('mkfifo', [join(root, 'fifo')]);
    execFileSync('sh', ['-c', `cat ${root}/fifo & echo through > ${root}/fifo; wait`]);
    execFileSync('mv', [join(root, 'fifo'), join(root, 'moved')]);
    execFileSync('sh', ['-c', `ln -s nowhere ${root}/link; mv ${root}/link ${root}/other`]);
    await observed.settled((path) => writeFileSync(path, ''), join(root, 'last'));
    expect(observed.events.map((event) => event.type)).toEqual(['value']);
  });
});
