/** Every way to change a file that test/observe/programs/ knows, against what the kernel's programs say of it. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObservePrograms } from '../../lib/engine/taps/observe-programs.js';
import { temporaryFolder } from '../helpers/files.js';
import { change, changesOf, compileChanges } from './changes.js';
import { judge, kernelDev, Notes, viewOf } from './kernel-view.js';

const folder = temporaryFolder();
const program = compileChanges(folder);
const changes = changesOf(program);

describe.each(['hook', 'follow'] as const)('by raw tracepoints, with the method %s,', (method) => {
  let programs: ObservePrograms;
  let notes: Notes;
  beforeAll(() => {
    programs = new ObservePrograms({ hooks: 'raw_tp', method, algorithms: ['adler32'] });
    programs.watch(kernelDev(folder), []);
    notes = new Notes(programs);
  });
  afterAll(() => {
    notes?.close();
    programs?.close();
  });

  it.each(changes)('$name comes out as $outcome', async (each) => {
    const path = join(folder, `${method}-${each.name}`);
    const done = await change(program, each, path);
    expect(existsSync(path)).toBe(true);
    const outcome = judge(viewOf(programs, path), await notes.drain(), method, path);
    expect(outcome).toBe(done ? each.outcome : 'value');
  });
});
