/** Writes that fail half-way, because the file system is full, leave no value but the right one. */

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { ObserveOptions } from '../../lib/observe/index.js';
import { adlerOf, Observed } from './observing.js';
import { kindsFor, smallPlaces } from './places.js';

/** Leaves so much room, in bytes. Returns what takes the rest. */
function fill(folder: string, room: number): string {
  const path = join(folder, 'filler');
  const { bavail, bsize } = statfsSync(folder);
  execFileSync('fallocate', ['-l', String(bavail * bsize - room), path]);
  return path;
}

/** Writes some of it at the end of a file. Returns how much; less than 0 if there was no room for any. */
function writeSome(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
    return -1;
  }
}

const methods = ['hook', 'follow'] as const;
const settings = smallPlaces.flatMap((place) => {
  const [hooks] = kindsFor(place.fileSystem).slice(-1);
  const all: ObserveOptions[] = hooks ? methods.map((method) => ({ hooks, method })) : [{ method: 'reread' }];
  return all.map((options) => ({ ...place, options }));
});

it.each(settings)(
  'on a full $place, files have the values of what was kept of them, with $options',
  async ({ make, remove, fileSystem, options }) => {
    const disk = make();
    onTestFinished(() => remove(disk));
    const root = mkdtempSync(join(disk, 'tree-'));
    const filler = fill(disk, 1_500_000);
    // Before 6.6 a tmpfs takes no attributes.
    const { events } = new Observed(root, {
      ...options,
      ...(fileSystem !== 'tmpfs' && { profiles: ['storm'] }),
    });
    const piece = randomBytes(300_001);
    const create = (...names: string[]) =>
      names.map((name) => ({ path: join(root, name), fd: openSync(join(root, name), 'w') }));

    // They are left as they are when a write fails.
    const left = create('one', 'two', 'three');
    for (let writing = left; writing.length > 0; )
      writing = writing.filter(({ fd }) => writeSome(fd, piece) >= 0);
    for (const { fd } of left) closeSync(fd);

    // They are gone on with when there is room.
    const gone = create('four', 'five');
    let failures = 0;
    for (const { fd } of gone)
      for (let at = 0; at < 2_000_000; ) {
        const length = writeSome(fd, piece);
        at += Math.max(length, 0);
        if (length === piece.length) continue;
        failures++;
        rmSync(filler, { force: true });
        // What was removed is given back some time after it.
        if (length < 0) await pause(1);
      }
    expect(failures).toBeGreaterThan(0);
    for (const { fd } of gone) closeSync(fd);

    for (const { path } of [...left, ...gone])
      await expect
        .poll(() => {
          const last = events.findLast((event) => 'file' in event && event.file === path);
          return last?.type === 'value' ? last.checksums.adler32?.hex : last?.type;
        })
        .toBe(adlerOf(path));
  },
);
