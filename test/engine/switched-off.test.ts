/** A kernel that refuses everybody the system call bpf, as strace makes one. */

import { expect, it } from 'vitest';
import { probe } from '../../lib/index.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { start } from '../helpers/program.js';

needs('strace');

const path = fileOf(temporaryFolder(), 10);
const program = new URL('programs/summing.mjs', import.meta.url);

it.runIf(probe().backends.bpf.available).each(['ENOSYS', 'EPERM'])(
  'the kernel engine with %s from bpf fails with an error that says so, and the probe does not point to itself',
  async (error) => {
    const strace = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=bpf'];
    const under = [...strace, '-e', `inject=bpf:error=${error}`];
    const seen = JSON.parse(await start(program, [path], { under }).rest());
    const reason = new RegExp(
      `^This kernel refuses everybody the system call bpf \\(${error}\\), so the page-address program can't be loaded`,
    );
    expect(seen.auto).toMatchObject({ backend: 'userspace' });
    expect(seen.kernel.code).toBe('ERR_SLUICE_KERNEL_ENGINE');
    expect(seen.kernel.message).toMatch(reason);
    const remedy = 'Run it on a kernel that has bpf, or use the user-space engine.';
    expect(seen.kernel.message).toContain(remedy);
    expect(seen.probed).toMatchObject({ available: false, remedy });
    expect(seen.probed.reason).toMatch(reason);
  },
);
