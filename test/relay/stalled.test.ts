import type { ChildProcess } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { start } from '../helpers/program.js';
import { rounds } from '../helpers/rounds.js';

const folder = temporaryFolder();
const relays = rounds(200);
const program = new URL('programs/stalled.mjs', import.meta.url);

/** The threads of a process that can run whenever one looks: those that spin. */
async function spinning({ pid }: ChildProcess): Promise<string[]> {
  const looks = 20;
  const runnable = new Map<string, number>();
  for (let look = 0; look < looks; look++) {
    await sleep(50);
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const state = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ')[1]?.[0];
      if (state === 'R') runnable.set(thread, (runnable.get(thread) ?? 0) + 1);
    }
  }
  return [...runnable].filter(([, times]) => times === looks).map(([thread]) => thread);
}

describe(`${relays} relays with peers that stall, of an unprivileged user`, () => {
  it('hold no thread that others need, use no time, and end with the right values', async () => {
    chmodSync(folder, 0o777);
    // A relay that held libuv's only thread would never let it end.
    const env = { ...process.env, UV_THREADPOOL_SIZE: '1' };
    const { child, stdin, ended, line } = start(program, [folder, String(relays)], { env });
    expect(await line()).toBe('stalled');
    expect(await spinning(child)).toEqual([]);
    stdin.end('go on');
    const seen = JSON.parse(await line());
    expect(await ended).toEqual([0, null]);
    expect(seen).toMatchObject({ read: 2_000_000, bytes: 2_000_000 });
    expect(seen.address).toMatch(/^(127\.0\.0\.1|::1)$/);
    expect(seen.threads).toBeLessThan(40);
    expect(seen.moved.sort()).toEqual([2_000_000, 8]);
    // "partrest", and the content, which the unstalled relay moved too.
    expect(seen.values.sort()).toEqual(['0f700376', seen.hex].sort());
  });
});
