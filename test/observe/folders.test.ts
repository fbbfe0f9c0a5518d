import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { storeChecksums } from '../../lib/files/xattr/store.js';
import type { ObserveOptions } from '../../lib/observe/index.js';
import { folderIn, temporaryFolder } from '../helpers/files.js';
import { adlerOf, keptAdler, Observed } from './observing.js';

const base = temporaryFolder();
const folder = () => folderIn(base);

describe.each(['reread', 'follow', 'hook'] as const)('with the method %s,', (method) => {
  const watch = (folders: string | string[], options: ObserveOptions = {}) =>
    new Observed(folders, { method, ...options });

  it('files of a new folder are seen', async () => {
    const root = folder();
    const observed = watch(root);
    const deep = join(root, 'a', 'b', 'c');
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, 'file'), 'deep');
    expect(await observed.value(join(deep, 'file'))).toMatchObject({ bytes: 4 });
  });

  it('files of a folder that is moved in are summed, and seen from then on', async () => {
    const root = folder();
    const outside = folder();
    mkdirSync(join(outside, 'moved', 'below'), { recursive: true });
    writeFileSync(join(outside, 'moved', 'below', 'file'), 'was there before');
    const observed = watch(root, { profiles: ['storm'] });
    renameSync(join(outside, 'moved'), join(root, 'moved'));
    const path = join(root, 'moved', 'below', 'file');
    expect(await observed.value(path)).toMatchObject({ why: 'found', pid: undefined });
    expect(await keptAdler(path)).toBe(adlerOf(path));
    const before = observed.events.length;
    writeFileSync(path, 'is written now');
    expect(await observed.value(path, before)).toMatchObject({ why: 'closed' });
    expect(await keptAdler(path)).toBe(adlerOf(path));
  });

  it('files of a folder that is moved in, and on before it is looked at, are told by its last name', async () => {
    const root = folder();
    const outside = folder();
    mkdirSync(join(outside, 'moved'));
    writeFileSync(join(outside, 'moved', 'file'), 'content');
    const observed = watch(root);
    renameSync(join(outside, 'moved'), join(root, 'first'));
    renameSync(join(root, 'first'), join(root, 'second'));
    await observed.value(join(root, 'second', 'file'));
    expect(observed.events).toHaveLength(1);
  });

  it('files that keep a value of what they are are not summed again when their folder is moved in', async () => {
    const root = folder();
    const outside = folder();
    mkdirSync(join(outside, 'moved'));
    const other = watch(outside, { profiles: ['sluice'] });
    writeFileSync(join(outside, 'moved', 'kept'), 'kept');
    await other.value(join(outside, 'moved', 'kept'));
    await other.observation[Symbol.asyncDispose]();
    writeFileSync(join(outside, 'moved', 'new'), 'new');
    const observed = watch(root, { profiles: ['sluice'] });
    renameSync(join(outside, 'moved'), join(root, 'moved'));
    await observed.value(join(root, 'moved', 'new'));
    expect(observed.observation.stats.bytesRead).toBe(3);
  });

  it.each([
    ['the profile storm', { profiles: ['storm'] }],
    ['no profile', {}],
  ] as const)(
    'with %s, files that keep another have their values when their folder is moved in',
    async (_, options) => {
      const root = folder();
      const outside = folder();
      mkdirSync(join(outside, 'moved'));
      writeFileSync(join(outside, 'moved', 'kept'), 'kept');
      await storeChecksums(join(outside, 'moved', 'kept'), {
        adler32: BigInt(`0x${adlerOf(join(outside, 'moved', 'kept'))}`),
      });
      const observed = watch(root, options);
      renameSync(join(outside, 'moved'), join(root, 'moved'));
      expect(await observed.value(join(root, 'moved', 'kept'))).toMatchObject({ why: 'found', bytes: 4 });
    },
  );

  it('files of a folder that was moved out are not seen', async () => {
    const root = folder();
    const outside = folder();
    mkdirSync(join(root, 'moved'));
    const observed = watch(root);
    writeFileSync(join(root, 'moved', 'file'), 'inside');
    await observed.value(join(root, 'moved', 'file'));
    renameSync(join(root, 'moved'), join(outside, 'moved'));
    writeFileSync(join(outside, 'moved', 'another'), 'outside');
    await observed.settled((path) => writeFileSync(path, ''), join(root, 'last'));
    expect(observed.events).toHaveLength(2);
  });

  it('files of a folder that was renamed are told by its new name', async () => {
    const root = folder();
    mkdirSync(join(root, 'old', 'below'), { recursive: true });
    const observed = watch(root);
    writeFileSync(join(root, 'old', 'below', 'a'), 'a');
    await observed.value(join(root, 'old', 'below', 'a'));
    renameSync(join(root, 'old'), join(root, 'new'));
    writeFileSync(join(root, 'new', 'below', 'b'), 'b');
    expect(await observed.value(join(root, 'new', 'below', 'b'))).toMatchObject({ bytes: 1 });
  });

  it('several folders are observed, by the names that they were given', async () => {
    const [one, two] = [folder(), folder()];
    const link = `${two}-link`;
    symlinkSync(two, link);
    const observed = watch([`${one}/`, link]);
    writeFileSync(join(one, 'file'), '1');
    writeFileSync(join(two, 'file'), '22');
    expect(await observed.value(`${one}/file`)).toMatchObject({ bytes: 1 });
    expect(await observed.value(join(link, 'file'))).toMatchObject({ bytes: 2 });
  });
});
