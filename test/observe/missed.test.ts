/** What becomes of values when the kernel leaves out a run of a program. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { attachRawTracepoint, openObject, u32 } from '../../lib/libbpf/index.js';
import { temporaryFolder } from '../helpers/files.js';
import { testObject } from '../libbpf/support.js';
import { adlerOf, holdUntil, keptAdler, Observed } from './observing.js';

const base = temporaryFolder();

/** A program that is left out when it is told to be, beside those that see what is written. */
const more: number[] = [];
vi.mock('../../lib/observe/attach.js', async (original) => {
  const module = await original<typeof import('../../lib/observe/attach.js')>();
  const descriptorsOf: typeof module.descriptorsOf = (programs) => {
    const descriptors = module.descriptorsOf(programs);
    return { ...descriptors, hooks: [...descriptors.hooks, ...more] };
  };
  return { ...module, descriptorsOf };
});

function missing(): { miss(): void } {
  const opened = openObject(testObject('missing'));
  opened.variable('tgid', u32).set(process.pid);
  const loaded = opened.load();
  const program = loaded.program('on_print');
  const link = attachRawTracepoint(program, 'bpf_trace_printk');
  more.splice(0, more.length, program.fd);
  onTestFinished(() => {
    link.close();
    loaded.close();
  });
  return {
    miss() {
      const before = program.info().recursionMisses;
      loaded.program('miss').run({ context: Buffer.alloc(8) });
      expect(program.info().recursionMisses).toBeGreaterThan(before);
    },
  };
}

describe.each(['follow', 'hook'] as const)('a value that was got by the method %s', (method) => {
  it('is not kept where a run was left out before its attributes are set: the file is read', async () => {
    const root = join(base, method);
    mkdirSync(root);
    const { miss } = missing();
    const observed = new Observed(root, { method, profiles: ['storm'] });
    const path = join(root, 'file');
    writeFileSync(path, 'content');
    // This thread, which composes the attributes, is kept from that until the file was summed.
    holdUntil(() => observed.observation.stats.followed > 0);
    miss();
    expect(await observed.value(path)).toMatchObject({ origin: 'reread', reason: 'missed' });
    expect(observed.observation.stats).toMatchObject({ values: 1, rereads: { missed: 1 } });
    expect(await keptAdler(path)).toBe(adlerOf(path));
  });
});
