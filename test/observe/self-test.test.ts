/** What an observation tries when it begins, to see whether it is told what happens. */

import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ObservePrograms } from '../../lib/engine/taps/observe-programs.js';
import { observe } from '../../lib/observe/index.js';
import { folderIn, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { Observed, start } from './observing.js';
import { everySetting, places } from './places.js';

needs('mkfs.ext4');

const base = temporaryFolder();
const folder = () => folderIn(base);

/** A folder in which nothing can be made. */
function readOnly(): string {
  const path = folder();
  execFileSync('mount', ['-t', 'tmpfs', 'none', path]);
  onTestFinished(() => void execFileSync('umount', ['-l', path]));
  execFileSync('mount', ['-o', 'remount,ro', path]);
  return path;
}

afterEach(() => void vi.restoreAllMocks());

it.each(['reread', 'auto'] as const)(
  'with the method %s it is tried in each folder, and nobody is told of it',
  async (method) => {
    const roots = [folder(), folder()];
    const observed = new Observed(roots, { method });
    expect(observed.observation.stats).toMatchObject({ tested: true, inside: 0 });
    expect(observed.observation.untested).toBeUndefined();
    if (method === 'auto')
      expect(observed.observation.stats.programs).toMatchObject({ writes: 0, bytes: 0, entries: 0 });
    for (const root of roots) expect(readdirSync(root)).toEqual([]);
    const last = join(roots[0] as string, 'last');
    await observed.settled((path) => writeFileSync(path, ''), last);
    expect(observed.events).toHaveLength(1);
  },
);

it.each(places)('on $place what is tried is seen by the programs', async ({ make, remove }) => {
  const root = make();
  onTestFinished(() => remove(root));
  for (const method of ['follow', 'hook'] as const) {
    await using observation = observe(root, { method, algorithms: ['adler32', 'crc32c'] });
    expect(observation.stats.tested).toBe(true);
  }
});

describe('where the programs do not see it', () => {
  const blind = () => void vi.spyOn(ObservePrograms.prototype, 'watch').mockImplementation(() => {});

  it.each(['follow', 'hook'] as const)('the method %s is refused', (method) => {
    blind();
    const root = folder();
    expect(() => observe(root, { method })).toThrow(
      expect.objectContaining({
        code: 'ERR_SLUICE_UNSUPPORTED',
        path: root,
        reason: `A file was written in ${root}, and no program in the kernel saw it`,
        remedy: 'Use the method reread.',
      }),
    );
    expect(readdirSync(root)).toEqual([]);
  });

  it('the method auto reads each file, and says why', async () => {
    blind();
    const root = folder();
    const observed = new Observed(root, { method: 'auto' });
    const { refusal, stats } = observed.observation;
    expect(refusal).toMatchObject({ code: 'ERR_SLUICE_UNSUPPORTED', path: root });
    expect(stats).toMatchObject({ hooks: undefined, refusal: refusal?.reason, tested: true });
    writeFileSync(join(root, 'file'), 'content');
    expect(await observed.value(join(root, 'file'))).toMatchObject({ origin: 'reread' });
  });

  it.each(everySetting)('the hooks $hooks, which were asked for, are refused', ({ make, remove, hooks }) => {
    blind();
    const root = make();
    onTestFinished(() => remove(root));
    expect(() => observe(root, { hooks })).toThrow('no program in the kernel saw it');
  });
});

describe('where no file can be made', () => {
  it('the observation begins, and says that it was not tried', async () => {
    const root = readOnly();
    const observed = new Observed([folder(), root]);
    expect(observed.observation.stats.tested).toBe(false);
    expect(observed.observation.untested).toMatchObject({
      code: 'ERR_SLUICE_PERMISSION',
      path: root,
      reason: expect.stringMatching(/^It was not tried .*: no file could be made there \(openat: .*EROFS\)$/),
    });
    execFileSync('mount', ['-o', 'remount,rw', root]);
    writeFileSync(join(root, 'file'), 'content');
    expect(await observed.value(join(root, 'file'))).toMatchObject({ bytes: 7 });
  });

  it('the command says so on standard error', async () => {
    const root = readOnly();
    const { child, ended, complaints } = await start('--method', 'reread', root);
    await expect.poll(complaints).toMatch(`sluice: It was not tried whether what happens in ${root} is seen`);
    child.kill('SIGTERM');
    await ended;
  });
});
