/** Where the observe tap is tried: the disks of a virtual machine, or file systems mounted here. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { HookKind, ObservedFileSystem } from '../../lib/engine/taps/observe-programs.js';

export interface Place {
  place: string;
  path: string;
  fileSystem: ObservedFileSystem;
  /** Of cases that come out in another way here. */
  outcomes?: Readonly<Record<string, string>>;
}

/** Where O_DIRECT writes go through the page cache all the same. */
const cached = { direct: 'gaps', 'direct-from-start': 'value' };

const { env } = process;

function ofMachine(): Place[] {
  const disks: [string, ObservedFileSystem, string | undefined][] = [
    ['ext4', 'ext4', env['SLUICE_DISK_EXT4']],
    ['ext4 with blocks of 1 KiB', 'ext4', env['SLUICE_DISK_EXT4_1K']],
    ['xfs', 'xfs', env['SLUICE_DISK_XFS']],
    ['tmpfs', 'tmpfs', env['SLUICE_TMPFS']],
  ];
  return disks.flatMap(([place, fileSystem, disk]) =>
    disk
      ? [
          {
            place,
            fileSystem,
            path: mkdtempSync(join(disk, 'observe-')),
            outcomes: fileSystem === 'tmpfs' ? cached : {},
          },
        ]
      : [],
  );
}

/** ext4 in the ways in which writes end in different functions. */
function mountedHere(folder: string): Place[] {
  const variants: Record<string, { mkfs?: string[]; mount?: string; outcomes?: Place['outcomes'] }> = {
    ext4: {},
    'ext4 with inline data': { mkfs: ['-O', 'inline_data'] },
    'ext4 with blocks of 1 KiB': { mkfs: ['-b', '1024'] },
    'ext4 without delayed allocation': { mount: 'nodelalloc' },
    'ext4 with data in the journal': { mount: 'data=journal', outcomes: cached },
  };
  return Object.entries(variants).map(([place, { mkfs = [], mount = 'rw', outcomes = {} }], i) => {
    const path = join(folder, `disk-${i}`);
    mkdirSync(path);
    const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'pipe' });
    run('truncate', '-s', '128M', `${path}.img`);
    run('mkfs.ext4', '-q', ...mkfs, `${path}.img`);
    run('mount', '-o', `loop,${mount}`, `${path}.img`, path);
    afterAll(() => void run('umount', path));
    return { place, path, fileSystem: 'ext4', outcomes };
  });
}

export function places(folder: string): Place[] {
  return env['SLUICE_VM'] ? ofMachine() : mountedHere(folder);
}

/** The kinds of hooks by which writes to a file system must be seen on this kernel. */
export function kindsFor(fileSystem: ObservedFileSystem): HookKind[] {
  if (!env['SLUICE_VM']) return ['raw_tp'];
  const [major, minor] = release().split('.').map(Number) as [number, number];
  const modern = major > 6 || (major === 6 && minor >= 12);
  const kinds: HookKind[] = ['kprobe'];
  // Functions of seven arguments have no trampolines before 6.6; some tracepoints are younger than 6.1.
  if (modern || fileSystem === 'xfs') kinds.push('fentry');
  if (modern && fileSystem === 'ext4') kinds.push('raw_tp');
  return kinds;
}
