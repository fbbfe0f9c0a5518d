/** Folders that are seen through mounts of several kinds. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Method, observe } from '../../lib/observe/index.js';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { adlerOf, keptAdler, Observed } from './observing.js';
import { places } from './places.js';

needs('bindfs', 'unshare');

const base = temporaryFolder();
const methods: readonly Method[] = ['auto', 'hook', 'follow', 'reread'];
const withPrograms: readonly Method[] = ['hook', 'follow'];
const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'pipe' });

function folder(...path: string[]): string {
  const made = join(base, ...path);
  mkdirSync(made, { recursive: true });
  return made;
}

function overlay(name: string, options: string): string {
  const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((each) => folder(name, each));
  const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}${options}`;
  run('mount', '-t', 'overlay', 'overlay', '-o', layers, merged as string);
  onTestFinished(() => void run('umount', '-l', merged as string));
  return merged as string;
}

const refused = (path: string) => expect.objectContaining({ code: 'ERR_SLUICE_UNSUPPORTED', path });

it.each(methods)('an overlay whose files have no handles is refused, with the method %s', (method) => {
  const merged = overlay(`plain-${method}`, '');
  expect(() => observe(merged, { method })).toThrow(refused(merged));
});

it.each<Method>(['auto', 'reread'])(
  'an overlay whose files have handles is observed, with the method %s',
  async (method) => {
    const merged = overlay(`handles-${method}`, ',index=on,nfs_export=on');
    const observed = new Observed(merged, { method });
    const path = join(merged, 'file');
    writeFileSync(path, 'in the upper layer');
    expect(await observed.value(path)).toMatchObject({ origin: 'reread', bytes: 18 });
  },
);

it('an overlay whose layers lie on different file systems is observed', async () => {
  const lower = folder('layers', 'lower');
  run('mount', '-t', 'tmpfs', 'tmpfs', lower);
  onTestFinished(() => void run('umount', '-l', lower));
  writeFileSync(join(lower, 'below'), 'in the lower layer');
  const merged = overlay('layers', ',index=on,nfs_export=on,xino=off');
  const observed = new Observed(merged, { method: 'reread' });
  for (const name of ['below', 'above']) {
    const path = join(merged, name);
    writeFileSync(path, 'in the upper layer');
    expect(await observed.value(path)).toMatchObject({ bytes: 18 });
  }
});

it.each(withPrograms)(
  'an overlay whose files have handles is refused with the method %s, which it has no hooks for',
  (method) => {
    const merged = overlay(`handles-${method}`, ',index=on,nfs_export=on');
    expect(() => observe(merged, { method })).toThrow(refused(merged));
  },
);

it.each(methods)('a FUSE file system is refused, with the method %s', (method) => {
  const [below, at] = [folder(`below-${method}`), folder(`fuse-${method}`)];
  run('bindfs', below, at);
  onTestFinished(() => void run('umount', at));
  expect(() => observe(at, { method })).toThrow(refused(at));
});

it.each<Method>(['follow', 'reread'])(
  'what is written in another mount namespace is observed, with the method %s',
  async (method) => {
    const [root, elsewhere] = [folder(`root-${method}`), folder(`elsewhere-${method}`)];
    const observed = new Observed(root, { method, profiles: ['storm'] });
    const write = 'mount --bind "$1" "$2" && head -c 1000000 /dev/urandom > "$2/file"';
    run('unshare', '--mount', 'sh', '-c', write, 'sh', root, elsewhere);
    const path = join(root, 'file');
    await observed.value(path);
    expect(await keptAdler(path)).toBe(adlerOf(path));
  },
);

it('a file system stays mounted while it is observed, and no longer', async () => {
  const place = places[0];
  if (!place) throw new Error('There is no place to try it');
  const root = place.make();
  onTestFinished(() => place.remove(root));
  const observed = new Observed(root);
  expect(() => run('umount', root)).toThrow(/busy/);
  await observed.observation[Symbol.asyncDispose]();
  run('umount', root);
  run('mount', '-o', 'loop', `${root}.img`, root);
  const again = new Observed(root);
  writeFileSync(join(root, 'file'), 'after it');
  expect(await again.value(join(root, 'file'))).toMatchObject({ bytes: 8 });
  await again.observation[Symbol.asyncDispose]();
});

it('a mount that is taken out of the tree of folders is observed as before, through other mounts of the same file system', async () => {
  const [root, elsewhere] = [folder('taken-out'), folder('stays')];
  run('mount', '-t', 'tmpfs', 'none', root);
  run('mount', '--bind', root, elsewhere);
  onTestFinished(() => void run('umount', '-l', elsewhere));
  const observed = new Observed(root);
  run('umount', '-l', root);
  writeFileSync(join(elsewhere, 'file'), 'still seen');
  expect(await observed.value(join(root, 'file'))).toMatchObject({ bytes: 10 });
});
