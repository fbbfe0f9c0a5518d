/** Descriptors are short for a while: what happens in that time has its value afterwards. */

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { adlerOf, keptAdler, Observed } from './observing.js';

needs('prlimit');

const base = temporaryFolder();

it.each(['reread', 'follow'] as const)(
  'a file that is closed while there are no descriptors has its value later, with the method %s',
  async (method) => {
    const root = join(base, method);
    const [file, shortened] = [join(root, 'below', 'file'), join(root, 'below', 'shortened')];
    mkdirSync(join(root, 'below'), { recursive: true });
    const observed = new Observed(root, { method, profiles: ['storm', 'sluice'] });
    const { observation } = observed;
    writeFileSync(shortened, 'to be shortened');
    await observed.value(shortened);
    const shell = spawn('sh', { stdio: ['pipe', 'inherit', 'inherit'] });
    onTestFinished(() => void shell.kill());
    const { events } = observation.stats;
    // In a folder that was not seen yet.
    shell.stdin.write(`
      mkdir -p '${root}/other'; before=$(prlimit --pid ${process.pid} --nofile --output SOFT,HARD --noheadings)
      prlimit --pid ${process.pid} --nofile=8:
      echo content > '${file}'; echo content > '${root}/other/file'; truncate -s 5 '${shortened}'
    `);
    await expect.poll(() => observation.stats.events).toBeGreaterThan(events);
    expect(observation.stats.values).toBe(1);
    shell.stdin.write(`set -- $before; prlimit --pid ${process.pid} --nofile=$1:$2\n`);
    for (const path of [file, join(root, 'other', 'file')]) {
      await observed.value(path);
      expect(await keptAdler(path)).toBe(adlerOf(path));
    }
    await expect.poll(() => keptAdler(shortened)).toBe(adlerOf(shortened));
    expect(observation.stats.lost).toBe(0);
  },
);
