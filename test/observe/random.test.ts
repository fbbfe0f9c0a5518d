/** Many processes change files in ways that look random, while user space asks for them: no value is ever wrong. */

import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ObservePrograms } from '../../lib/engine/taps/observe-programs.js';
import { temporaryFolder } from '../helpers/files.js';
import { Random } from '../helpers/random.js';
import { rounds } from '../helpers/rounds.js';
import { changeAtRandom } from './changes.js';
import { finish, judge, kernelDev, Notes, viewOf } from './kernel-view.js';

const folder = temporaryFolder();

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

describe.each(['hook', 'follow'] as const)('with the method %s,', (method) => {
  it('a file has its right value, or a reason why it has none', async () => {
    const programs = new ObservePrograms({
      hooks: 'raw_tp',
      fileSystems: ['ext4'],
      method,
      algorithms: ['adler32'],
    });
    onTestFinished(() => programs.close());
    programs.watch(kernelDev(folder), [BigInt(statSync(folder).ino)]);
    const outcomes = new Map<string, number>();
    const first = Math.floor(Math.random() * 2 ** 31);
    for (let round = 0; round < rounds(10); round++) {
      const notes = new Notes(programs);
      const seed = first + 1000 * round;
      const paths = Array.from({ length: 8 }, (_, i) => join(folder, `file-${i}`));
      let writing = true;
      const written = Promise.all(
        paths.map((path, i) => {
          const seeds = Array.from({ length: 40 }, (_, k) => seed + 100 * i + k);
          return changeAtRandom(path, seeds);
        }),
      ).finally(() => {
        writing = false;
      });
      // The last lives are left alone, or none would be kept to its end.
      await Promise.all([written, interfere(programs, paths.slice(4), new Random(seed), () => !writing)]);
      await notes.drain();
      for (const path of paths) {
        const outcome = judge(viewOf(programs, path), notes.all, method, path);
        expect(outcome, `seed ${seed}, ${path}`).not.toBe('WRONG');
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        rmSync(path);
      }
      notes.close();
    }
    expect(outcomes.get('value')).toBeGreaterThan(0);
  });
});
