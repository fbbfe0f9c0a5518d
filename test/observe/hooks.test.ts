/** What the programs are attached to, and what becomes of an observation where they can't be. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { probe } from '../../lib/engine/probe.js';
import { hookKinds } from '../../lib/engine/taps/observe-programs.js';
import { observe } from '../../lib/observe/index.js';
import { sluice } from '../cli/run.js';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { adlerOf, keptAdler, Observed, start } from './observing.js';

needs('mkfs.btrfs');

const base = temporaryFolder();
const { ways } = probe().taps.observe;

describe.each(hookKinds)('forced to %s,', (hooks) => {
  const way = ways.find((each) => each.fileSystem === 'ext4' && each.hooks === hooks);

  it('an observation uses no other kind', () => {
    if (way?.available) {
      expect(new Observed(base, { hooks }).observation.stats.hooks).toBe(hooks);
    } else {
      expect(() => observe(base, { hooks })).toThrow(`${hooks}: ${way?.reason}`);
    }
  });

  it('the command uses no other kind, or says why it can not', async () => {
    if (way?.available) return;
    const { status, stderr } = await sluice(['observe', '--hooks', hooks, base]);
    expect(status).toBe(3);
    expect(stderr).toContain(`${hooks}: ${way?.reason}`);
  });
});

it('probe tells of each file system by which hooks its writes are seen, and why by others they are not', () => {
  expect(ways.map(({ fileSystem, hooks }) => `${fileSystem} ${hooks}`)).toEqual(
    ['ext4', 'xfs', 'tmpfs'].flatMap((name) => hookKinds.map((hooks) => `${name} ${hooks}`)),
  );
  for (const { reason } of ways) expect(reason).not.toBe('');
  expect(ways.find((each) => each.fileSystem === 'tmpfs' && each.hooks === 'raw_tp')).toMatchObject({
    available: false,
    reason: 'tmpfs has no tracepoints where a write ends',
  });
});

it('hooks and the method reread exclude each other', () => {
  expect(() => observe(base, { method: 'reread', hooks: 'raw_tp' })).toThrow(
    expect.objectContaining({ code: 'ERR_SLUICE_OPTION' }),
  );
});

describe('on a file system whose writes no program sees', () => {
  function btrfs(): string {
    const folder = mkdtempSync(join(base, 'btrfs-'));
    const image = `${folder}.img`;
    execFileSync('truncate', ['-s', '128M', image]);
    execFileSync('mkfs.btrfs', ['-q', image]);
    execFileSync('mount', ['-o', 'loop', image, folder]);
    onTestFinished(() => {
      execFileSync('umount', [folder]);
      rmSync(image);
    });
    return folder;
  }

  it('files are read when they are closed, and why is told', async () => {
    const folder = btrfs();
    const observed = new Observed(folder, { method: 'auto', profiles: ['storm'] });
    expect(observed.observation.refusal?.reason).toContain(`the file system of ${folder}`);
    expect(observed.observation.stats).toMatchObject({
      hooks: undefined,
      refusal: observed.observation.refusal?.reason,
      programs: undefined,
    });
    const path = join(folder, 'below', 'file');
    mkdirSync(join(folder, 'below'));
    writeFileSync(path, 'content');
    expect(await observed.value(path)).toMatchObject({ origin: 'reread' });
    expect(await keptAdler(path)).toBe(adlerOf(path));
  });

  it('the command says why on standard error', async () => {
    const folder = btrfs();
    const { child, ended, complaints } = await start('--stats', folder);
    writeFileSync(join(folder, 'file'), 'content');
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    await ended;
    const why = `the file system of ${folder}`;
    const [first = '', ...rest] = complaints().trimEnd().split('\n');
    expect(first).toMatch(/^sluice: files are read when they are closed: No program sees/);
    expect(first).toContain(why);
    expect(rest.at(-1)).toContain(why);
  });

  it.each(['follow', 'hook'] as const)('the method %s is refused', (method) => {
    expect(() => observe(btrfs(), { method })).toThrow(
      expect.objectContaining({
        code: 'ERR_SLUICE_UNSUPPORTED',
        remedy: 'Use the method reread, if it is not refused there, too.',
      }),
    );
  });
});
