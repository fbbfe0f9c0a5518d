/** Where time stamps go in ticks of the kernel's clock, as all did before Linux 6.13: those of ext3 still do. */

import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { adlerOf, holdUntil, keptAdler, Observed } from './observing.js';

needs('mkfs.ext3');

const base = temporaryFolder();

function ext3(): string {
  const [image, folder] = [join(base, 'image'), join(base, 'mounted')];
  mkdirSync(folder);
  execFileSync('truncate', ['-s', '16M', image]);
  execFileSync('mkfs.ext3', ['-q', image]);
  execFileSync('mount', ['-t', 'ext3', '-o', 'loop', image, folder]);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

it('a file that is overwritten in the tick in which it was summed does not get the value that it had', async () => {
  const root = ext3();
  const observed = new Observed(root, { method: 'reread', profiles: ['storm'] });
  const { observation } = observed;
  for (let n = 0; n < 20; n++) {
    const path = join(root, String(n));
    const before = observation.stats.bytesRead;
    writeFileSync(path, 'first');
    // This thread composes attributes, and does not come to that before the file is another.
    holdUntil(() => observation.stats.bytesRead > before);
    const fd = openSync(path, 'r+');
    writeSync(fd, 'other');
    closeSync(fd);
    expect((await observed.value(path)).checksums.adler32?.hex).toBe(adlerOf(path));
    expect(await keptAdler(path)).toBe(adlerOf(path));
  }
});
