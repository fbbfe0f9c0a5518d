/** Every way to change a file that test/observe/programs/ knows, against what the kernel's programs say of it. */

import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type HookKind, ObservePrograms } from '../../lib/engine/taps/observe-programs.js';
import { needs } from '../helpers/needs.js';
import { report } from '../helpers/probed.js';
import { change, changes } from './changes.js';
import { judge, kernelDev, type Method, Notes, viewOf } from './kernel-view.js';
import { everySetting, kindsFor, type Place, places } from './places.js';

needs('mkfs.ext4');

/** Programs of one kind and method: each has maps of its own, so many of them see the same change. */
interface Watcher {
  hooks: HookKind;
  method: Method;
  programs: ObservePrograms;
  notes: Notes;
}

function watch({ fileSystem }: Place, folder: string): Watcher[] {
  return kindsFor(fileSystem).flatMap((hooks) =>
    (['hook', 'follow'] as const).map((method) => {
      const algorithms = ['adler32'] as const;
      const programs = new ObservePrograms({ hooks, fileSystems: [fileSystem], method, algorithms });
      programs.watch(kernelDev(folder), []);
      return { hooks, method, programs, notes: new Notes(programs) };
    }),
  );
}

it('the tap is there where the kernel engine is', () => {
  const { taps, backends } = report;
  expect(taps.observe.available, taps.observe.reason).toBe(backends.bpf.available);
});

it.each(everySetting)(
  'on $place, by $hooks, a file is summed in the hook when nobody takes its notes',
  async ({ fileSystem, hooks, make, remove }) => {
    const folder = make();
    onTestFinished(() => remove(folder));
    using programs = new ObservePrograms({
      hooks,
      fileSystems: [fileSystem],
      method: 'auto',
      algorithms: ['adler32'],
    });
    programs.watch(kernelDev(folder), []);
    const notes = new Notes(programs);
    onTestFinished(() => notes.close());
    const path = join(folder, 'file');
    for (let i = 0; i < 10; i++) appendFileSync(path, randomBytes((1 << 20) + 7));
    const view = viewOf(programs, path);
    expect(view.switched).toBe('behind');
    expect(judge(view, await notes.drain(), path)).toBe('value');
  },
);

const watched = places
  .map((place) => ({ ...place, kinds: kindsFor(place.fileSystem).join(', ') }))
  .filter(({ kinds }) => kinds !== '');

describe.each(watched)('on $place, by each of $kinds, with the methods hook and follow,', (place) => {
  let folder: string;
  let watchers: Watcher[] = [];
  beforeAll(() => {
    folder = place.make();
    watchers = watch(place, folder);
  });
  afterAll(() => {
    for (const { notes, programs } of watchers) {
      notes.close();
      programs.close();
    }
    if (folder) place.remove(folder);
  });

  const certain = changes.filter(({ outcome }) => outcome !== 'any');
  it.each(certain)('$name comes out as $outcome, or as it does on this file system', async (each) => {
    const file = join(folder, each.name);
    const done = await change(each, file);
    expect(existsSync(file)).toBe(true);
    for (const { hooks, method, programs, notes } of watchers) {
      const outcomes = { ...place.outcomes, ...(method === 'hook' ? place.hookOutcomes : {}) };
      const expected = done ? (outcomes[each.name] ?? each.outcome) : (place.refused?.[each.name] ?? 'value');
      const outcome = judge(viewOf(programs, file), await notes.drain(), file);
      expect(outcome, `${hooks}, ${method}`).toBe(expected);
    }
  });
});
