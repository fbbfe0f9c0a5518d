/** Somebody leads the observer out of the folders: what lies elsewhere, or is another's, is left as it is. */

import { chownSync, linkSync, mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { setAttribute } from '../../lib/files/xattr/attributes.js';
import { folderIn, temporaryFolder } from '../helpers/files.js';
import { eventOf, keptAdler, linesOf, Observed, start, stopped, truncateByName } from './observing.js';

const base = temporaryFolder();
const folder = () => folderIn(base);

/** Every folder that was moved in until now has been walked when another one has. */
async function walked(observed: Observed, root: string): Promise<void> {
  const last = join(folder(), 'last');
  mkdirSync(last);
  writeFileSync(join(last, 'mine'), 'last');
  renameSync(last, join(root, 'last'));
  await observed.value(join(root, 'last', 'mine'));
}

/** Keeps this thread, which walks what was moved in, from that until so many events have been seen. */
function seen({ observation }: Observed, events: number): void {
  const end = performance.now() + 60_000;
  while (observation.stats.inside < events) expect(performance.now()).toBeLessThan(end);
}

/** What was told of files called `file`, as those are that lie elsewhere. */
const told = ({ events }: Observed) =>
  events.filter((event) => 'file' in event && event.file.endsWith('/file'));

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
  expect(told(observed)).toEqual([]);
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
  expect(told(observed)).toEqual([]);
});

describe("another owner's file", () => {
  function theirs(): string {
    const path = join(folder(), 'theirs');
    writeFileSync(path, 'theirs');
    chownSync(path, 65534, 65534);
    return path;
  }

  it('gets no attribute from a link in a folder that is moved in', async () => {
    const [root, path, moved] = [folder(), theirs(), join(folder(), 'moved')];
    mkdirSync(moved);
    linkSync(path, join(moved, 'link'));
    const observed = new Observed(root, { method: 'reread', profiles: ['storm'] });
    renameSync(moved, join(root, 'moved'));
    expect(await observed.first(({ type }) => type !== 'lost')).toMatchObject({
      type: 'unknown',
      reason: 'linked',
      file: join(root, 'moved', 'link'),
    });
    expect(await keptAdler(path)).toBeUndefined();
  });

  it('gets no attribute from a link that is gone when the observer comes to it', async () => {
    const [root, path] = [folder(), theirs()];
    const { child, ended } = await start('--json', '--method', 'reread', '--profile', 'storm', root);
    const lines = linesOf(child.stdout);
    writeFileSync(join(root, 'first'), 'first');
    await eventOf(lines, join(root, 'first'));
    await stopped(child.pid as number);
    linkSync(path, join(root, 'link'));
    renameSync(join(root, 'link'), join(root, 'renamed'));
    unlinkSync(join(root, 'renamed'));
    writeFileSync(join(root, 'last'), 'last');
    child.kill('SIGCONT');
    await eventOf(lines, join(root, 'last'));
    child.kill('SIGTERM');
    await ended;
    expect(await keptAdler(path)).toBeUndefined();
  });

  it('loses what it had when it is changed, as a file does that is closed, and gets nothing', async () => {
    const [root, path] = [folder(), theirs()];
    await setAttribute(path, 'user.storm.checksum.adler32', Buffer.from('00000001'));
    const observed = new Observed(root, { method: 'follow', profiles: ['storm'] });
    linkSync(path, join(root, 'link'));
    truncateByName(3, path);
    await observed.settled((other) => writeFileSync(other, ''), join(root, 'last'));
    expect(await keptAdler(path)).toBeUndefined();
  });
});
