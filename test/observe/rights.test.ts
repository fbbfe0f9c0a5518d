/** What an observation holds, and what becomes of it without one of the capabilities. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { binary } from '../cli/run.js';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { adlerOf, eventOf, keptAdler, linesOf, start, startUnder, truncateByName } from './observing.js';

needs('python3');

const base = temporaryFolder();
chmodSync(base, 0o755);
const other = 65532;
let folders = 0;

/** A folder of another user. */
function folder(): string {
  const path = join(base, `tree-${folders++}`);
  mkdirSync(path);
  chownSync(path, other, other);
  return path;
}

/** Stores to a page of a file by a mapping; and once more when it is told to, before it closes it. */
const mapped = `
import mmap, sys
with open(sys.argv[1], 'r+b', buffering=0) as file, mmap.mmap(file.fileno(), 0) as memory:
    memory[0] = 1
    print('stored', flush=True)
    sys.stdin.readline()
    memory[0] = 2
`;

/** That user writes a file, which nobody else may read or write. */
function theirs(path: string): void {
  const write = ['sh', '-c', 'umask 077; echo content > "$1"', '-', path];
  execFileSync('setpriv', ['--reuid', String(other), '--clear-groups', ...write]);
}

/** Capabilities by the numbers of linux/capability.h. */
const numbers = {
  dac_override: 1,
  dac_read_search: 2,
  sys_admin: 21,
  lease: 28,
  perfmon: 38,
  bpf: 39,
};
type Name = keyof typeof numbers;
const maskOf = (names: readonly Name[]) =>
  names.reduce((bits, name) => bits | (1n << BigInt(numbers[name])), 0n);

/** Put before a command: root with some capabilities alone. */
const only = (...names: Name[]) => {
  const list = ['-all', ...names.map((name) => `+${name}`)].join(',');
  return ['setpriv', `--bounding-set=${list}`, '--inh-caps=-all'];
};
const all = Object.keys(numbers) as Name[];
const without = (name: Name) => only(...all.filter((each) => each !== name));

/** The sets of each thread of a process. */
function heldBy(pid: number): bigint[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    const status = readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8');
    return [...status.matchAll(/^Cap(?:Prm|Eff|Inh|Amb|Bnd):\s*(\w+)$/gm)].map(([, bits]) =>
      BigInt(`0x${bits}`),
    );
  });
}

/** Whether each thread of a process gets nothing more by starting a program. */
function isBarred(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((task) =>
    /^NoNewPrivs:\s*1$/m.test(readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8')),
  );
}

/** The process that sets attributes for another. */
function setterOf(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  expect(readFileSync(`/proc/${child}/comm`, 'utf8')).toBe('attribute-sette\n');
  return Number(child);
}

describe('the command', () => {
  it.each(['hook', 'follow', 'reread'])(
    'with the method %s holds, in all of its threads, what opens files of others, and no more',
    async (method) => {
      const root = folder();
      const { child } = await start('--method', method, '--json', '--profile', 'storm', root);
      const kept = maskOf(['dac_read_search', 'lease']);
      await expect.poll(() => heldBy(child.pid as number).every((set) => (set & ~kept) === 0n)).toBe(true);
      expect(heldBy(child.pid as number)).toContain(kept);
      expect(isBarred(child.pid as number)).toBe(true);
      const path = join(root, 'file');
      theirs(path);
      expect(await eventOf(linesOf(child.stdout), path)).toMatchObject({ type: 'value' });
      expect(await keptAdler(path)).toBe(adlerOf(path));
      // Threads that were made since then have no more either.
      expect(heldBy(child.pid as number).every((set) => (set & ~kept) === 0n)).toBe(true);
    },
  );

  it('has attributes set by a process that may write to any file, and can make no call that would', async () => {
    const { child } = await start('--method', 'reread', '--profile', 'storm', folder());
    const setter = setterOf(child.pid as number);
    const status = readFileSync(`/proc/${setter}/status`, 'utf8');
    const field = (name: string) => new RegExp(`^${name}:\\s*(\\w+)$`, 'm').exec(status)?.[1];
    const mask = maskOf(['dac_override']);
    expect(['CapPrm', 'CapEff', 'CapInh', 'CapAmb'].map((name) => BigInt(`0x${field(name)}`))).toEqual([
      mask,
      mask,
      0n,
      0n,
    ]);
    expect(field('NoNewPrivs')).toBe('1');
    expect(field('Seccomp')).toBe('2');
    expect(readdirSync(`/proc/${setter}/fd`)).toEqual(['0']);
    child.kill('SIGKILL');
    await expect.poll(() => readdirSync('/proc').includes(String(setter))).toBe(false);
  });

  it('ends with an error when that process has ended', async () => {
    const root = folder();
    const { child, ended, complaints } = await start('--method', 'reread', '--profile', 'storm', root);
    process.kill(setterOf(child.pid as number), 'SIGKILL');
    expect(await ended).toEqual([1, null]);
    expect(complaints()).toMatch(
      /^sluice: The process that sets attributes has ended\. See who ended it .*\n$/,
    );
  });

  it('^C, which a terminal sends to both, ends it with what it has to say', async () => {
    const root = folder();
    const { child, ended, complaints } = await start(
      '--method',
      'reread',
      '--stats',
      '--profile',
      'storm',
      root,
    );
    process.kill(setterOf(child.pid as number), 'SIGINT');
    const path = join(root, 'file');
    writeFileSync(path, 'content');
    await expect.poll(() => keptAdler(path)).toBe(adlerOf(path));
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(complaints()).toMatch(/1 values/);
  });
});

describe('a process', () => {
  it.each(['sys_admin', 'dac_read_search'] as const)(
    'without CAP_%s is told so at the start',
    async (name) => {
      const [command = '', ...args] = [...without(name), process.execPath, binary, 'observe', folder()];
      const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      let complaints = '';
      child.stderr.setEncoding('utf8').on('data', (text) => {
        complaints += text;
      });
      const [status] = await once(child, 'close');
      const missing = `CAP_${name.toUpperCase()}`;
      expect(complaints).toMatch(
        new RegExp(
          `^sluice: The kernel does not let this process observe a file system: it lacks ${missing}\\. Grant ${missing} .*With less nothing can be observed\\.\\n$`,
        ),
      );
      expect(status).toBe(3);
    },
  );

  it.each(['follow', 'reread'])(
    'with CAP_SYS_ADMIN, which stands for CAP_BPF and CAP_PERFMON, and CAP_DAC_READ_SEARCH observes by the method %s',
    async (method) => {
      const root = folder();
      const { child } = await startUnder(
        only('sys_admin', 'dac_read_search'),
        '--method',
        method,
        '--json',
        root,
      );
      const path = join(root, 'file');
      theirs(path);
      expect(await eventOf(linesOf(child.stdout), path)).toMatchObject({
        type: 'value',
        origin: method,
      });
    },
  );

  it('without CAP_DAC_OVERRIDE sets no attribute on a file that it may not write to, and says so', async () => {
    const root = folder();
    const { child } = await startUnder(
      without('dac_override'),
      '--method',
      'reread',
      '--json',
      '--profile',
      'storm',
      root,
    );
    const lines = linesOf(child.stdout);
    const [path, own] = [join(root, 'file'), join(root, 'own')];
    writeFileSync(own, 'content');
    expect(await eventOf(lines, own)).toMatchObject({ type: 'value' });
    expect(await keptAdler(own)).toBe(adlerOf(own));
    theirs(path);
    expect(await eventOf(lines, path)).toMatchObject({
      type: 'unknown',
      reason: 'failed',
      error: { code: 'ERR_SLUICE_PERMISSION' },
    });
    expect(await keptAdler(path)).toBeUndefined();
  });

  it("without CAP_LEASE does not learn who else has another's file open, and has its time stamps to go by", async () => {
    const root = folder();
    const path = join(root, 'file');
    theirs(path);
    const held = openSync(path, 'r+');
    onTestFinished(() => closeSync(held));
    const args = ['--method', 'reread', '--json', root];
    const [leasing, comparing] = [await start(...args), await startUnder(without('lease'), ...args)];
    writeFileSync(path, 'content');
    expect(await eventOf(linesOf(comparing.child.stdout), path)).toMatchObject({ type: 'value' });
    // The other one tells of a file that was closed after it, and of this one not yet.
    theirs(join(root, 'later'));
    expect(await eventOf(linesOf(leasing.child.stdout), root)).toMatchObject({ file: join(root, 'later') });
  });

  it("without CAP_LEASE, too, sums another's file that changes while somebody has it open when he closes it", async () => {
    const root = folder();
    const [path, cut] = [join(root, 'file'), join(root, 'cut')];
    for (const each of [path, cut]) theirs(each);
    const { child } = await startUnder(without('lease'), '--method', 'follow', '--json', root);
    const lines = linesOf(child.stdout);
    const held = openSync(path, 'r+');
    writeSync(held, 'C');
    // Its turn comes later.
    truncateByName(3, cut);
    expect(await eventOf(lines, root)).toMatchObject({ type: 'value', file: cut, why: 'changed', bytes: 3 });
    closeSync(held);
    expect(await eventOf(lines, root)).toMatchObject({ type: 'value', file: path, why: 'closed' });
  });

  it("without CAP_LEASE, too, sums another's file that was stored to by a mapping, which nothing tells", async () => {
    const root = folder();
    const path = join(root, 'file');
    theirs(path);
    const args = ['--method', 'follow', '--json', '--profile', 'storm', root];
    const { child } = await startUnder(without('lease'), ...args);
    const lines = linesOf(child.stdout);
    const mapping = spawn('python3', ['-c', mapped, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => void mapping.kill());
    await once(mapping.stdout, 'data');
    closeSync(openSync(path, 'r+'));
    expect(await eventOf(lines, root)).toMatchObject({ type: 'value', file: path, reason: 'mapped' });
    mapping.stdin.write('\n');
    expect(await eventOf(lines, '"value"')).toMatchObject({ file: path, why: 'closed' });
    expect(await keptAdler(path)).toBe(adlerOf(path));
  });
});
