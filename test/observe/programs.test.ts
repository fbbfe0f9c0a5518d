/** Every way to change a file that test/observe/programs/ knows, against what the kernel's programs say of it. */

import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { probe } from '../../lib/engine/probe.js';
import { ObservePrograms } from '../../lib/engine/taps/observe-programs.js';
import { needs } from '../helpers/needs.js';
import { change, changes } from './changes.js';
import { judge, kernelDev, Notes, viewOf } from './kernel-view.js';
import { places, settingsOf } from './places.js';

needs('mkfs.ext4');

const settings = settingsOf(places).flatMap((setting) =>
  (['hook', 'follow'] as const).map((method) => ({ ...setting, method })),
);

it('the tap is there where the kernel engine is', () => {
  const { taps, backends } = probe();
  expect(taps.observe.available, taps.observe.reason).toBe(backends.bpf.available);
});

it.each(settingsOf(places))(
  'on $place, by $hooks, a file is summed in the hook when nobody takes its notes',
  async (setting) => {
    const { fileSystem, hooks, make, remove } = setting;
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
    for (let i = 0; i < 16; i++) appendFileSync(path, randomBytes((1 << 20) + 7));
    const view = viewOf(programs, path);
    expect(view.switched).toBe('behind');
    expect(judge(view, await notes.drain(), path)).toBe('value');
  },
);

describe.each(settings)('on $place, by $hooks, with the method $method,', (setting) => {
  const { fileSystem, hooks, method } = setting;
  const outcomes = { ...setting.outcomes, ...(method === 'hook' ? setting.hookOutcomes : {}) };
  let folder: string;
  let programs: ObservePrograms;
  let notes: Notes;
  beforeAll(() => {
    folder = setting.make();
    programs = new ObservePrograms({ hooks, fileSystems: [fileSystem], method, algorithms: ['adler32'] });
    programs.watch(kernelDev(folder), []);
    notes = new Notes(programs);
  });
  afterAll(() => {
    notes?.close();
    programs?.close();
    if (folder) setting.remove(folder);
  });

  const expected = changes.map((each) => ({ ...each, outcome: outcomes[each.name] ?? each.outcome }));
  it.each(expected)('$name comes out as $outcome', async (each) => {
    const file = join(folder, each.name);
    const done = await change(each, file);
    expect(existsSync(file)).toBe(true);
    const outcome = judge(viewOf(programs, file), await notes.drain(), file);
    expect(outcome).toBe(done ? each.outcome : (setting.refused?.[each.name] ?? 'value'));
  });
});
