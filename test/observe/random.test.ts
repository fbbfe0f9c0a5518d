/** Many processes change files in ways that look random, while user space asks for them: no value is ever wrong. */

import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ObservePrograms } from '../../lib/engine/taps/observe-programs.js';
import { Random } from '../helpers/random.js';
import { seeds } from '../helpers/rounds.js';
import { changeAtRandom } from './changes.js';
import { control, finish, judge, kernelDev, missesOf, Notes, viewOf } from './kernel-view.js';
import { everySetting, settings } from './places.js';

const tried = process.env['SLUICE_MINUTES'] ? everySetting : settings;
const each = tried.flatMap((setting) =>
  (['hook', 'follow'] as const).map((method) => ({ ...setting, method })),
);

/**
 * In an emulated machine a program takes so long that it is often preempted, and the kernel leaves it out for others on its
 * CPU: with no more writers than CPUs there are values, too. To be preempted is what `preempt=full` is for.
 */
const machine = process.env['SLUICE_KERNEL'];
const writers = machine === undefined || machine.includes('preempt') ? 8 : 2;

/** Asks for the files in all ways, until the writers are done. */
async function interfere(
  programs: ObservePrograms,
  paths: readonly string[],
  random: Random,
  done: () => boolean,
) {
  while (!done()) {
    await setImmediate();
    try {
      const fd = openSync(random.of(paths), 'r');
      const { sequence } = finish(programs, fd);
      const asked = random.of(['stored', 'stored', 'adopt', 'forget'] as const);
      finish(programs, fd, asked, random.below(4) === 0 ? 0n : sequence);
      closeSync(fd);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

describe.each(each)('on $place, by $hooks, with the method $method,', (setting) => {
  const { hooks, fileSystem, method } = setting;

  it('a file has its right value, or a reason why it has none', async () => {
    const folder = setting.make();
    onTestFinished(() => setting.remove(folder));
    const programs = new ObservePrograms({
      hooks,
      fileSystems: [fileSystem],
      method,
      algorithms: ['adler32'],
    });
    onTestFinished(() => programs.close());
    programs.watch(kernelDev(folder), [BigInt(statSync(folder).ino)]);
    const outcomes = new Map<string, number>();
    let judged = 0;
    for (const seed of seeds(10, 1 / each.length)) {
      const notes = new Notes(programs);
      const misses = missesOf(programs);
      const paths = Array.from({ length: writers }, (_, i) => join(folder, `file-${i}`));
      let writing = true;
      const written = Promise.all(
        paths.map((path, i) => {
          const seedsOfPath = Array.from({ length: 40 }, (_, k) => seed + 100 * i + k);
          return changeAtRandom(path, seedsOfPath);
        }),
      ).finally(() => {
        writing = false;
      });
      // The last lives are left alone, or none would be kept to its end.
      await Promise.all([
        written,
        interfere(programs, paths.slice(writers / 2), new Random(seed), () => !writing),
      ]);
      await notes.drain();
      // As the observer does when a file was closed.
      if (missesOf(programs) !== misses) control(programs, 'missed');
      for (const path of paths) {
        const outcome = judge(viewOf(programs, path), notes.all, path);
        expect(outcome, `seed ${seed}, ${path}`).not.toBe('WRONG');
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        judged++;
        rmSync(path);
      }
      notes.close();
    }
    // Of few files none need have one; and where the kernel left a program out all the time, all have to be read.
    if (judged >= 40 && missesOf(programs) === 0n) expect(outcomes.get('value')).toBeGreaterThan(0);
  });
});
