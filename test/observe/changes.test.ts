import {
  appendFileSync,
  chownSync,
  closeSync,
  futimesSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { getAttribute, setAttribute } from '../../lib/files/xattr/attributes.js';
import { readChecksums } from '../../lib/files/xattr/read.js';
import type { ObserveOptions } from '../../lib/observe/index.js';
import { folderIn, temporaryFolder } from '../helpers/files.js';
import { change } from './changes.js';
import { adlerOf, holdUntil, keptAdler, Observed } from './observing.js';

const base = temporaryFolder();
const folder = () => folderIn(base);

/** Keeps this thread, which composes attributes, from doing so before the file has been read. */
function untilRead(observed: Observed, bytes: number): void {
  const { observation } = observed;
  holdUntil(() => {
    const { bytesRead, bytesFollowed, followed } = observation.stats;
    return bytesRead + bytesFollowed >= bytes || followed > 0;
  });
}

describe.each(['reread', 'follow', 'hook'] as const)('with the method %s,', (method) => {
  const watch = (folders: string | string[], options: ObserveOptions = {}) =>
    new Observed(folders, { method, ...options });

  describe('a file that changes', () => {
    it('after it was summed, and before its attributes are set, does not get them', async () => {
      const root = folder();
      const observed = watch(root, { profiles: ['storm'] });
      const path = join(root, 'file');
      writeFileSync(path, 'first');
      untilRead(observed, 5);
      const fd = openSync(path, 'r+');
      writeSync(fd, 'other');
      // Its close, which would have it summed anyway, is yet to come.
      await expect
        .poll(() => observed.observation.stats.busy + observed.observation.stats.changed)
        .toBeGreaterThan(0);
      expect(await keptAdler(path)).toBeUndefined();
      // Others on the file system may carry what an observer goes after.
      expect(observed.events.filter((each) => each.type === 'value' && each.file === path)).toEqual([]);
      closeSync(fd);
      await observed.value(path);
      expect(await keptAdler(path)).toBe(adlerOf(path));
    });

    it('or was only closed after it was summed, and before its attributes are set, is looked at again', async () => {
      const root = folder();
      const observed = watch(root, { profiles: ['storm'] });
      const path = join(root, 'file');
      writeFileSync(path, 'content');
      untilRead(observed, 7);
      closeSync(openSync(path, 'r+'));
      holdUntil(() => observed.observation.stats.inside >= 2);
      await observed.value(path);
      await observed.value(path, 1);
      expect(await keptAdler(path)).toBe(adlerOf(path));
    });

    it('its name after it was summed, and before its attributes are set, is told by the new one', async () => {
      const root = folder();
      const observed = watch(root, { profiles: ['storm'] });
      const [path, named] = [join(root, 'file'), join(root, 'named')];
      writeFileSync(path, 'content');
      untilRead(observed, 7);
      renameSync(path, named);
      holdUntil(() => observed.observation.stats.inside >= 2);
      await observed.value(named);
      expect(await keptAdler(named)).toBe(adlerOf(named));
    });

    it('while it is open, and gets its time stamp back and another name, is not told by its old value', async () => {
      const root = folder();
      const observed = watch(root);
      const [path, named] = [join(root, 'file'), join(root, 'named')];
      const time = new Date(1_700_000_000_000);
      const first = openSync(path, 'w');
      writeSync(first, 'first');
      futimesSync(first, time, time);
      closeSync(first);
      await observed.value(path);
      const fd = openSync(path, 'r+');
      writeSync(fd, 'other');
      futimesSync(fd, time, time);
      renameSync(path, named);
      await observed.settled((other) => writeFileSync(other, ''), join(root, 'last'));
      expect(observed.events.filter((each) => each.type === 'value' && each.file === named)).toEqual([]);
      closeSync(fd);
      expect((await observed.value(named)).checksums.adler32?.hex).toBe(adlerOf(named));
    });

    it('its names before it is closed is told by the last, even if it had none when it was opened', async () => {
      const root = folder();
      const observed = watch(root, { profiles: ['storm'] });
      const path = join(root, 'file');
      await change({ name: 'without-a-name-then-renamed' }, path, () => {
        holdUntil(() => observed.observation.stats.busy > 0);
      });
      await observed.value(path);
      expect(await keptAdler(path)).toBe(adlerOf(path));
    });

    it('while another has it open, loses the value that keeps no time, and has one when both have closed it', async () => {
      const root = folder();
      const observed = watch(root, { profiles: ['storm', 'sluice'] });
      const path = join(root, 'file');
      writeFileSync(path, 'first');
      await observed.value(path);
      const fd = openSync(path, 'a');
      const before = observed.events.length;
      appendFileSync(path, ', second');
      expect(await observed.first(({ type }) => type === 'retracted', before)).toMatchObject({ file: path });
      expect(await keptAdler(path)).toBeUndefined();
      expect(await readChecksums(path, { profiles: ['sluice'] })).toMatchObject([{ state: 'stale' }]);
      closeSync(fd);
      await observed.value(path, before);
      expect(await keptAdler(path)).toBe(adlerOf(path));
    });

    it('all the time ends with the values of what it has then', async () => {
      const root = folder();
      const observed = watch(root, { profiles: ['storm', 'sluice'] });
      const paths = Array.from({ length: 20 }, (_, n) => join(root, `file-${n}`));
      for (let round = 0; round < 50; round++) {
        for (const path of paths) writeFileSync(path, String(Math.random()).repeat(1 + (round % 7)));
        if (round % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      for (const path of paths) {
        await expect.poll(() => keptAdler(path)).toBe(adlerOf(path));
        await expect
          .poll(() => readChecksums(path, { profiles: ['sluice'] }))
          .toMatchObject([{ state: 'fresh', hex: adlerOf(path) }]);
      }
      const unknown = observed.events.filter((event) => event.type === 'unknown');
      expect(unknown.map(({ reason, error }) => error?.message ?? reason)).toEqual([]);
    });

    it('has its value even if its time stamp was put back', async () => {
      const root = folder();
      const observed = watch(root, { profiles: ['sluice'] });
      const path = join(root, 'file');
      const time = new Date(1_700_000_000_000);
      writeFileSync(path, 'first');
      utimesSync(path, time, time);
      renameSync(path, `${path}-named`); // which is told, as the new time is not
      await observed.first((each) => each.type === 'value' && each.file === `${path}-named`);
      const before = observed.events.length;
      const fd = openSync(`${path}-named`, 'r+');
      writeSync(fd, 'other');
      closeSync(fd);
      utimesSync(`${path}-named`, time, time);
      const named = `${path}-named`;
      await observed.value(named, before);
      await expect
        .poll(() => readChecksums(named).then((kept) => kept.filter(({ state }) => state !== 'stale')))
        .toSatisfy((kept: { hex: string }[]) => kept.every(({ hex }) => hex === adlerOf(named)));
    });
  });

  describe('a file of another owner', () => {
    it('with a second name in the folders gets no attribute', async () => {
      const [root, outside] = [folder(), folder()];
      const path = join(outside, 'theirs');
      writeFileSync(path, 'theirs');
      chownSync(path, 65534, 65534);
      const observed = watch(root, { profiles: ['storm'] });
      linkSync(path, join(root, 'linked'));
      appendFileSync(join(root, 'linked'), '!');
      expect(await observed.first(({ type }) => type === 'unknown')).toMatchObject({
        file: join(root, 'linked'),
        reason: 'linked',
      });
      expect(await keptAdler(path)).toBeUndefined();
    });

    it('with a second name does not keep an attribute that does not hold any more', async () => {
      const root = folder();
      const [path, linked] = [join(root, 'theirs'), join(root, 'linked')];
      const observed = watch(root, { profiles: ['storm'] });
      writeFileSync(path, 'theirs');
      await observed.value(path);
      chownSync(path, 65534, 65534);
      linkSync(path, linked);
      appendFileSync(linked, '!');
      // Programs see the change of a file that had a value.
      await observed.first((each) => each.type === 'unknown' || (each.type === 'value' && each.bytes === 7));
      expect([undefined, adlerOf(path)]).toContain(await keptAdler(path));
    });

    it('that had a second name while it was summed is summed again, and once', async () => {
      const root = folder();
      const [path, linked] = [join(root, 'theirs'), join(root, 'linked')];
      const observed = watch(root, { profiles: ['storm'] });
      const { observation } = observed;
      writeFileSync(path, 'content');
      untilRead(observed, 7);
      chownSync(path, 65534, 65534);
      linkSync(path, linked);
      closeSync(openSync(linked, 'r+'));
      holdUntil(() => observation.stats.inside >= 2);
      unlinkSync(linked);
      const fd = openSync(path, 'r+');
      closeSync(openSync(path, 'r+'));
      holdUntil(() => observation.stats.inside >= 3);
      await observed.settled((other) => writeFileSync(other, ''), join(root, 'other'));
      closeSync(fd);
      await observed.value(path);
      await expect.poll(() => observation.stats.waiting).toBe(0);
      expect(await keptAdler(path)).toBe(adlerOf(path));
      await observed.settled((other) => writeFileSync(other, ''), join(root, 'last'));
    });

    it('with one name gets them, and stays his', async () => {
      const root = folder();
      const path = join(root, 'theirs');
      const observed = watch(root, { profiles: ['storm'] });
      writeFileSync(path, 'theirs');
      await observed.value(path);
      chownSync(path, 65534, 65534);
      const before = observed.events.length;
      appendFileSync(path, '!');
      await observed.value(path, before);
      expect(await keptAdler(path)).toBe(adlerOf(path));
      expect(statSync(path).uid).toBe(65534);
      expect(readFileSync(path, 'utf8')).toBe('theirs!');
    });
  });

  it('an attribute of a name that no profile has is not touched', async () => {
    const root = folder();
    const path = join(root, 'file');
    writeFileSync(path, 'first');
    await setAttribute(path, 'user.other', Buffer.from('stays'));
    const observed = watch(root, { profiles: ['sluice'] });
    writeFileSync(path, 'second');
    await observed.value(path);
    expect((await getAttribute(path, 'user.other'))?.toString()).toBe('stays');
  });
});
