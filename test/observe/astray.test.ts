/** Somebody leads the observer out of the folders: what lies elsewhere, or is another's, is left as it is. */

import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { keptAdler, Observed } from './observing.js';

const base = temporaryFolder();
let folders = 0;
function folder(): string {
  const path = join(base, `tree-${folders++}`);
  mkdirSync(path);
  return path;
}

/** Every folder that was moved in until now has been walked when another one has. */
async function walked(observed: Observed, root: string): Promise<void> {
  const last = join(folder(), 'last');
  mkdirSync(last);
  writeFileSync(join(last, 'file'), 'last');
  renameSync(last, join(root, 'last'));
  await observed.value(join(root, 'last', 'file'));
}

/** Keeps this thread, which walks what was moved in, from that until so many events have been seen. */
function seen({ observation }: Observed, events: number): void {
  const end = performance.now() + 60_000;
  while (observation.stats.inside < events) expect(performance.now()).toBeLessThan(end);
}

it('a link in the place of a folder that was moved in leads nowhere', async () => {
  const [root, outside] = [folder(), folder()];
  const [victim, own] = [join(outside, 'victim'), join(outside, 'own')];
  for (const path of [victim, own]) mkdirSync(path);
  writeFileSync(join(victim, 'file'), 'elsewhere');
  const observed = new Observed(root, { method: 'reread', profiles: ['storm'] });
  renameSync(own, join(root, 'moved'));
  seen(observed, 1);
  renameSync(join(root, 'moved'), own);
  symlinkSync(victim, join(root, 'moved'));
  await walked(observed, root);
  expect(await keptAdler(join(victim, 'file'))).toBeUndefined();
  expect(observed.events).toHaveLength(1);
});

it('a link in the place of a folder above one that was moved in leads nowhere', async () => {
  const [root, outside] = [folder(), folder()];
  const [victim, own] = [join(outside, 'victim'), join(outside, 'own')];
  for (const path of [join(victim, 'moved'), own, join(root, 'above')]) mkdirSync(path, { recursive: true });
  writeFileSync(join(victim, 'moved', 'file'), 'elsewhere');
  const observed = new Observed(root, { method: 'reread', profiles: ['storm'] });
  renameSync(own, join(root, 'above', 'moved'));
  seen(observed, 1);
  renameSync(join(root, 'above'), own);
  symlinkSync(victim, join(root, 'above'));
  await walked(observed, root);
  expect(await keptAdler(join(victim, 'moved', 'file'))).toBeUndefined();
  expect(observed.events).toHaveLength(1);
});
