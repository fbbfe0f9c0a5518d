import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mounted } from '../files/staging/mounts.js';
import { temporaryFolder, waitForLease } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { binary, directory, programPath, sluice } from './run.js';
import { sourceIn } from './source.js';

needs('strace', 'python3');

/** A copy whose every move takes 100 ms, once it has begun; a source of 100 MB takes twenty seconds at least. */
async function slowCopy(folder: string, to: string): Promise<{ tracer: ChildProcess; pid: number }> {
  const { path } = sourceIn(folder, randomBytes(100_000_000));
  const inject = ['-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', 'inject=splice:delay_enter=100000'];
  const tracer = spawn('strace', [...inject, process.execPath, binary, 'copy', path, to], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const children = `/proc/${tracer.pid}/task/${tracer.pid}/children`;
  let pid = 0;
  const staged = () => {
    pid = Number(readFileSync(children, 'utf8').trim());
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return ''; // it was closed after it was listed
      }
    });
    return open.some((name) => name.startsWith(`${folder}/#`));
  };
  await expect.poll(() => sofar(staged), { interval: 5 }).toBe(true);
  return { tracer, pid };
}

function sofar(f: () => boolean): boolean {
  try {
    return f();
  } catch {
    return false; // the process has not come so far
  }
}

it('sluice copy lets a writer at the source while the copy is synced', async () => {
  const folder = directory();
  const { path } = sourceIn(folder, randomBytes(100_000_000));
  const to = join(folder, 'copy');
  // The disk takes ten seconds for what comes after the lease.
  const slow = ['-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', 'inject=fsync:delay_enter=10000000'];
  const child = spawn('strace', [...slow, process.execPath, binary, 'copy', '--sync', path, to]);
  const ended = once(child, 'exit');
  waitForLease(statSync(path).ino);
  const leased = () => readFileSync('/proc/locks', 'utf8').includes(`:${statSync(path).ino} `);
  await expect.poll(leased, { interval: 5 }).toBe(false);
  expect(readdirSync(folder)).not.toContain('copy');
  expect(await ended).toEqual([0, null]);
  expect(readdirSync(folder)).toContain('copy');
});

it.each([
  ['SIGKILL', null],
  ['SIGINT', 130],
  ['SIGTERM', 130],
  ['SIGHUP', 130],
] as const)('sluice copy leaves nothing but the old file when it gets %s', async (signal, status) => {
  const folder = directory();
  const to = join(folder, 'copy');
  writeFileSync(to, 'old');
  const { tracer, pid } = await slowCopy(folder, to);
  const ended = once(tracer, 'exit');
  process.kill(pid, signal);
  if (status !== null) expect(await ended).toEqual([status, null]);
  await ended;
  expect(readFileSync(to, 'utf8')).toBe('old');
  expect(readdirSync(folder).sort()).toEqual(['copy', 'source']);
});

const disk = temporaryFolder();
const memory = mounted(temporaryFolder(), 'tmpfs', 300);

it.each<[string, string, (path: string) => void]>([
  ['is appended to', disk, (path) => appendFileSync(path, 'more')],
  [
    'is written to through a mapping',
    memory,
    (path) => execFileSync('python3', [programPath('storing.py'), path]),
  ],
])('sluice copy publishes nothing of a source that %s while it is copied', async (_, folder, change) => {
  const { tracer } = await slowCopy(folder, join(folder, 'copy'));
  let said = '';
  tracer.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const ended = once(tracer, 'close');
  change(join(folder, 'source'));
  expect(await ended).toEqual([1, null]);
  expect(said).toContain('changed while it was read: a writer opened it');
  expect(readdirSync(folder)).toEqual(['source']);
});

it('sluice copy publishes nothing of a source that is open for writing', async () => {
  const folder = directory();
  const { path } = sourceIn(folder);
  const writer = openSync(path, 'r+');
  const { stderr, status } = await sluice(['copy', path, join(folder, 'copy')]);
  closeSync(writer);
  expect([stderr, status]).toEqual([expect.stringContaining(`${path} is open for writing`), 1]);
  expect(readdirSync(folder)).toEqual(['source']);
});
