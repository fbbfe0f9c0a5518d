/**
 * Every system call that the native side makes, refused by a seccomp filter as old and new container runtimes do it: what
 * has another way takes it, and else the error names the call. Left out is what Node itself does not start without
 * (openat, read, mmap, madvise, getrandom, pipe2, ioctl, F_SETFL, …).
 */

import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../cli/run.js';
import { temporaryFolder } from '../helpers/files.js';
import { compileDeny } from './deny.js';

const folder = temporaryFolder();
const deny = compileDeny();
const script = fileURLToPath(new URL('programs/everything.mjs', import.meta.url));
const content = randomBytes(2_500_001);

type Outcomes = Record<string, string | { code: string; message: string }>;

/** What comes of everything, in a folder of its own. */
async function outcomesOf(before: (command: readonly string[]) => readonly string[]): Promise<Outcomes> {
  const here = mkdtempSync(join(folder, 'run-'));
  mkdirSync(join(here, 'sub'));
  writeFileSync(join(here, 'content'), content);
  const [program = '', ...args] = before([process.execPath, script, here]);
  const { stdout, stderr } = await run(program, args);
  rmSync(here, { recursive: true });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Outcomes;
}

/** The calls, each with what can't be done without it; everything else is as it is without a filter. */
const table: readonly (readonly [call: string, impossible: readonly string[], named?: string])[] = [
  ['clock_nanosleep', []],
  ['fallocate', []],
  ['fchmod', ['copy all that can be kept', 'receive in the place of a file']],
  ['fchown', []],
  ['fdatasync', []],
  // A file that may be marked as rotten is neither copied nor sent.
  [
    'fgetxattr',
    ['copy', 'copy all that can be kept', 'send', 'attr set', 'attr get', 'verify', 'attr clear'],
  ],
  ['flistxattr', ['copy all that can be kept', 'receive in the place of a file']],
  ['flock', ['receive in the place of one version only', 'remove one version only', 'move one version only']],
  ['fremovexattr', ['attr clear']],
  [
    'fsetxattr',
    [
      'copy all that can be kept',
      'receive by relay',
      'receive by stream',
      'receive in the place of a file',
      'attr set',
    ],
  ],
  ['fstatfs', []],
  ['fsync', ['copy all that can be kept', 'receive in the place of a file']],
  ['ftruncate', ['copy', 'copy all that can be kept']],
  ['kcmp', []],
  ['linkat', []],
  ['lseek', []],
  ['openat2', []],
  ['prctl', []],
  [
    'pwrite64',
    [
      'receive by relay',
      'receive in the place of a file',
      'receive in the place of one version only',
      'receive where nothing is',
    ],
    'p?write',
  ],
  [
    'renameat',
    [
      'copy all that can be kept',
      'receive in the place of a file',
      'remove one version only',
      'move in the place of a file',
    ],
  ],
  ['renameat2', ['receive in the place of one version only']],
  ['splice', []],
  ['statx', []],
  ['tee', []],
  ['unlinkat', ['remove a file', 'remove one version only']],
  ['utimensat', ['copy all that can be kept'], 'futimens'],
  ['F_GETLEASE', []],
  ['F_GETPIPE_SZ', []],
  ['F_SETLEASE', []],
  ['F_SETOWN_EX', []],
  ['F_SETPIPE_SZ', []],
  ['O_TMPFILE', []],
];

describe('a process that may not call', () => {
  let all: Outcomes;
  beforeAll(async () => {
    all = await outcomesOf((command) => command);
  });

  const rows = table.map(([call, impossible, named = call]) => ({ call, impossible, named }));
  it.each(rows)('$call goes another way, or says that it is refused', async ({ call, impossible, named }) => {
    for (const [errno, name] of [
      [1, 'EPERM'],
      [38, 'ENOSYS'],
    ] as const) {
      const outcomes = await outcomesOf((command) => deny(call, errno, command));
      const expected = Object.entries(all).map(([what, outcome]) => {
        // What a value was not stored for can't be found there.
        if (call === 'fsetxattr' && what === 'attr get') return [what, ''];
        if (call === 'fsetxattr' && what === 'verify') return [what, 'missing'];
        if (!impossible.includes(what)) return [what, outcome];
        const message = expect.stringMatching(
          `^A seccomp filter refuses this process the system call ${named} \\(${name}\\)\\. Allow `,
        );
        return [what, { code: 'ERR_SLUICE_SANDBOX', message }];
      });
      expect(outcomes, `${call} with ${name}`).toEqual(Object.fromEntries(expected));
    }
  });
});
