/** A signal ends an observation whatever it is at, and nothing of it is left. */

import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Observation, observe } from '../../lib/observe/index.js';
import { folderIn, temporaryFolder } from '../helpers/files.js';
import { adlerOf, holdUntil, keptAdler } from './observing.js';

const base = temporaryFolder();

/** What this process has open, objects of BPF included, and the processes that it has started. */
function held(): string[] {
  const open = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // the descriptor by which the folder was read
    }
  });
  const children = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' '),
  );
  return [...open, ...children].sort();
}

/** Returns what is to be done when the observation has ended. */
type Phase = (root: string, observation: Observation) => undefined | (() => void) | Promise<undefined>;

/** What it is at when the signal fires, on this thread, which takes no reports in that time. */
const phases: Readonly<Record<string, Phase>> = {
  'has just begun': () => undefined,
  'has nothing to do': async () => {
    await setImmediate();
    return undefined;
  },
  'sums a file': (root, observation) => {
    writeFileSync(join(root, 'file'), Buffer.alloc(32 << 20, 'content'));
    holdUntil(() => {
      const { bytesRead, bytesFollowed, followed } = observation.stats;
      return bytesRead + bytesFollowed + followed > 0;
    });
    return undefined;
  },
  'waits for attributes that are composed here': (root, observation) => {
    for (let n = 0; n < 200; n++) writeFileSync(join(root, String(n)), `content ${n}`);
    holdUntil(() => observation.stats.inside >= 200);
    return undefined;
  },
  'sets attributes': async (root, observation) => {
    for (let n = 0; n < 200; n++) writeFileSync(join(root, String(n)), `content ${n}`);
    while (observation.stats.values === 0) await setImmediate();
    return undefined;
  },
  'waits for a file that is open': (root, observation) => {
    const path = join(root, 'file');
    const fd = openSync(path, 'w');
    closeSync(openSync(path, 'r+'));
    holdUntil(() => observation.stats.busy > 0);
    return () => closeSync(fd);
  },
  'walks a folder': async (root, observation) => {
    const outside = folderIn(base);
    for (let n = 0; n < 500; n++) {
      mkdirSync(join(outside, `${n}`));
      writeFileSync(join(outside, `${n}`, 'file'), '');
    }
    renameSync(outside, join(root, 'moved'));
    while (observation.stats.values === 0) await setImmediate();
    return undefined;
  },
  ends: (_, observation) => {
    void observation[Symbol.asyncDispose]();
    return undefined;
  },
};

describe.each(['reread', 'follow', 'hook'] as const)('with the method %s,', (method) => {
  it.each(Object.entries(phases))('a signal ends an observation that %s', async (_, phase) => {
    const root = folderIn(base);
    const before = held();
    const controller = new AbortController();
    const { signal } = controller;
    const observation = observe(root, { method, profiles: ['storm'], cpuTime: true, signal });
    expect(held().length).toBeGreaterThan(before.length);
    const read = async () => {
      for await (const _ of observation);
    };
    const ended = expect(read()).rejects.toMatchObject({ code: 'ERR_SLUICE_ABORTED', cause: 'enough' });
    const finish = await phase(root, observation);
    controller.abort('enough');
    await ended;
    finish?.();
    await expect.poll(held).toEqual(before);
    for (const file of readdirSync(root, { recursive: true, withFileTypes: true })) {
      const path = join(file.parentPath, file.name);
      if (file.isFile()) expect([undefined, adlerOf(path)]).toContain(await keptAdler(path));
    }
  });

  it('a signal that had fired ends an observation as it begins', async () => {
    const before = held();
    const observation = observe(folderIn(base), { method, signal: AbortSignal.abort('enough') });
    await expect(observation[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'ERR_SLUICE_ABORTED',
      cause: 'enough',
    });
    await expect.poll(held).toEqual(before);
  });
});
