/** Places that lack something: /proc, capabilities, the initial user namespace, bpf(2). */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { binary, type Outcome, run, sluice, sluiceUnprivileged } from '../cli/run.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { compileDeny } from './deny.js';

const folder = temporaryFolder();
const deny = compileDeny();
const content = 300_000;
const source = fileOf(folder, content);
const tree = join(folder, 'tree');
mkdirSync(tree);
fileOf(tree, content);
const engineWorks = engines.includes('kernel');

const EPERM = 1;
const ENOSYS = 38;

function within(words: readonly string[]): (args: readonly string[]) => Promise<Outcome> {
  const [program = '', ...before] = words;
  return (args) => run(program, [...before, process.execPath, binary, ...args]);
}

const hidingProc = ['-m', 'sh', '-c', 'umount -l /proc && exec "$@"', '-'];
const withoutProc = within(['unshare', ...hidingProc]);
const programPath = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
const inUserNamespace = within(['unshare', '-Ur']);

describe('without /proc', () => {
  it.each([
    ['sum', source],
    ['sum', '--cache', 'bypass', source],
    ['copy', '--keep', 'mode,times,xattrs', source, join(folder, 'copy')],
    ['attr', 'set', source],
    ['attr', 'get', source],
    ['attr', 'verify', source],
    ['compare', '--rounds', '1', source],
    ['probe'],
  ])('sluice %s %s works', async (...args) => {
    expect(await withoutProc(args)).toMatchObject({ status: 0, stderr: '' });
  });

  it.each([
    ['verify', tree],
    ['verify', '--idle', tree],
  ])('sluice %s %s says that it needs it', async (...args) => {
    const { status, stderr } = await withoutProc(args);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^sluice: .* only by way of \/proc, which is not mounted here\. Mount it .*\n$/);
  });

  it.runIf(engineWorks)('the kernel engine says that it needs it', async () => {
    const { status, stderr } = await withoutProc(['sum', '--engine', 'kernel', source]);
    expect(status).toBe(3);
    expect(stderr).toMatch(/^sluice: .*\/proc, which is not mounted.*\. Mount it .*\n$/);
  });

  it('a file is not replaced on a condition: nobody knows whether it was repaired', async () => {
    const program = programPath('receiving-conditionally.mjs');
    const { stdout } = await run('unshare', [...hidingProc, process.execPath, program, source]);
    expect(stdout).toMatch(/^ERR_SLUICE_SANDBOX .* only by way of \/proc, which is not mounted here\./);
  });

  it('capabilities are not said to be dropped: nobody knows which threads there are', async () => {
    const program = programPath('dropping.mjs');
    const { stdout } = await run('unshare', [...hidingProc, process.execPath, program]);
    expect(stdout).toMatch(/^ERR_SLUICE_STILL_PRIVILEGED .*\/proc, which is not mounted/);
  });
});

/** What asks for the kernel engine. */
const insisting = [
  ['sum', '--engine', 'kernel', source],
  ['sum', '-c', '--engine', 'kernel', source],
  ['copy', '--engine', 'kernel', source, join(folder, 'insisted')],
  ['verify', '--engine', 'kernel', tree],
  ['verify', '--engine', 'kernel', join(folder, 'absent')],
];

describe.each([
  [
    'without capabilities',
    sluiceUnprivileged,
    /it lacks CAP_BPF and CAP_PERFMON\. Grant CAP_BPF and CAP_PERFMON/,
  ],
  ['in a user namespace', inUserNamespace, /is in a user namespace, .* Run it outside of the user namespace/],
  [
    'where bpf(2) is refused with EPERM',
    within(deny('bpf', EPERM, ['env'])),
    /A seccomp filter refuses this process the system call bpf \(EPERM\), .* Allow bpf/,
  ],
  [
    'where bpf(2) is refused with ENOSYS',
    within(deny('bpf', ENOSYS, ['env'])),
    /A seccomp filter refuses this process the system call bpf \(ENOSYS\), .* Allow bpf/,
  ],
] as const)('%s', (_, command, reason) => {
  it.each(insisting)('sluice %s %s %s ends with 3, and the reason', async (...args) => {
    expect(await command(args)).toMatchObject({ status: 3, stderr: expect.stringMatching(reason) });
  });

  it('the probe gives the reason for everything that is refused', async () => {
    const { status, stdout } = await command(['probe', '--json']);
    expect(status).toBe(0);
    const { backends, programTypes, hooks } = JSON.parse(stdout);
    expect(`${backends.bpf.reason}. ${backends.bpf.remedy}`).toMatch(reason);
    const reasons = [...Object.values<{ reason: string }>(programTypes), ...hooks].map(
      ({ reason }) => reason,
    );
    const refused = reasons.filter((each) => each.startsWith('refused'));
    expect(refused.length).toBeGreaterThan(5);
    for (const each of refused) expect(each).toMatch(/lacks CAP_|user namespace|seccomp/);
  });
});

describe.runIf(engineWorks)('where the kernel engine could not fill a pipe', () => {
  it.each(['splice', 'vmsplice'])('%s is named, and every command ends with 3', async (call) => {
    for (const args of insisting) {
      expect(await within(deny(call, EPERM, ['env']))(args)).toMatchObject({
        status: 3,
        stderr: expect.stringContaining(
          `A seccomp filter refuses this process the system call ${call} (EPERM)`,
        ),
      });
    }
  });
});

describe('the settings of a machine', () => {
  it('are the reason why a program that anybody could load may not be loaded', async () => {
    const { stdout } = await sluiceUnprivileged(['probe', '--json']);
    const { unprivilegedBpfDisabled, programTypes } = JSON.parse(stdout);
    expect(programTypes.socket_filter.reason).toMatch(
      unprivilegedBpfDisabled === 0
        ? /^loads$/
        : `refused (EPERM): This process lacks CAP_BPF, and kernel.unprivileged_bpf_disabled is ${unprivilegedBpfDisabled}`,
    );
    expect(programTypes.tracing.reason).not.toContain('unprivileged_bpf_disabled');
  });
});

describe('sluice copy', () => {
  it.each([EPERM, ENOSYS])('goes by a buffer where splice is refused with %i', async (errno) => {
    const { stdout } = await sluice(['sum', source]);
    const copy = join(folder, `copy-${errno}`);
    expect(await within(deny('splice', errno, ['env']))(['copy', source, copy])).toEqual({
      status: 0,
      stderr: '',
      stdout: stdout.replace(source, copy),
    });
  });
});
