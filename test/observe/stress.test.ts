/** Several processes do all that can be done to files, of all kinds at once: no value is wrong, and no file forgotten. */

import { lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checksum } from '../../lib/index.js';
import type { ObserveEvent, ObserveOptions } from '../../lib/observe/index.js';
import { temporaryFolder } from '../helpers/files.js';
import { seeds } from '../helpers/rounds.js';
import { stress } from './changes.js';
import { keptAdler, Observed } from './observing.js';
import { filesBelow } from './proven.js';

const base = temporaryFolder();

/** What its attribute has to be. */
const adlerOf = async (path: string) => (await checksum(path)).hex;

/** What was told of a file at last. */
function lastOf(observed: Observed, path: string): ObserveEvent | undefined {
  const { ino } = lstatSync(path);
  return observed.events.findLast((event) => 'ino' in event && event.ino === ino);
}

/** All that happened until now has been told, and nothing is left to be done. */
async function quiet(observed: Observed, probe: string): Promise<void> {
  await observed.settled((path) => writeFileSync(path, ''), `${probe}-first`);
  await expect.poll(() => observed.observation.stats.waiting, { interval: 5 }).toBe(0);
  await observed.settled((path) => writeFileSync(path, ''), `${probe}-second`);
}

/** What is wrong with a file: its attribute, or that it has none without a reason that was told. */
async function complaint(observed: Observed, path: string): Promise<string[]> {
  const kept = await keptAdler(path);
  if (kept !== undefined) return kept === (await adlerOf(path)) ? [] : [`wrong: ${path}`];
  const last = lastOf(observed, path);
  if (last?.type === 'unknown') return [];
  const { size, nlink, uid } = lstatSync(path);
  return [`none: ${path} ${JSON.stringify({ size, nlink, uid, last })}`];
}

async function complaints(observed: Observed, tree: string): Promise<string[]> {
  const each = await Promise.all(filesBelow(tree).map((path) => complaint(observed, path)));
  return each.flat();
}

const settings: ObserveOptions[] = [
  { method: 'auto' },
  { method: 'hook' },
  { method: 'follow' },
  { method: 'reread' },
  { method: 'hook', algorithms: ['adler32', 'crc32c'] },
];

describe.each(settings)('with $method $algorithms,', (options) => {
  it('files end with the attributes of what they have then', async () => {
    const root = join(base, `${options.method}-${options.algorithms?.length ?? 0}`);
    const tree = join(root, 'in');
    for (const folder of [root, tree, join(tree, 'a'), join(tree, 'b'), join(root, 'out')]) mkdirSync(folder);
    const observed = new Observed(tree, { ...options, profiles: ['storm'] });
    for (const seed of seeds(4, 1 / settings.length)) {
      const told = `${options.method}, seed ${seed}`;
      await stress(root, seed, 150, options.method !== 'reread');
      await quiet(observed, join(tree, `quiet-${seed}`));
      // Without programs, closes that are told after their programs have ended take some attributes away again.
      const wrong = (await complaints(observed, tree)).filter((each) => each.startsWith('wrong'));
      if (options.method !== 'reread') expect(wrong, told).toEqual([]);
      await expect.poll(() => complaints(observed, tree), { message: told }).toEqual([]);
      const unexplained = observed.events.filter(
        (event) => event.type === 'value' && event.origin === 'reread' && event.reason === undefined,
      );
      expect(unexplained, told).toEqual([]);
      rmSync(join(tree, `quiet-${seed}-first`));
      rmSync(join(tree, `quiet-${seed}-second`));
    }
  });
});
