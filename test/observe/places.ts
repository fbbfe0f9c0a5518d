/** Where the observe tap is tried: the disks of a virtual machine, or file systems mounted here. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HookKind, ObservedFileSystem } from '../../lib/engine/taps/observe-programs.js';

type Outcomes = Readonly<Record<string, string>>;

export interface Place {
  place: string;
  fileSystem: ObservedFileSystem;
  /** Of cases that come out in another way here. */
  outcomes?: Outcomes;
  /** Likewise, with the method hook. */
  hookOutcomes?: Outcomes;
  /** Of cases that the file system can't do, where that leaves no value. */
  refused?: Outcomes;
  /** Makes an empty folder there. */
  make(): string;
  /** Removes it. */
  remove(folder: string): void;
}

/** Where O_DIRECT writes go through the page cache all the same. */
const cached = { direct: 'gaps', 'direct-from-start': 'value' };

/** xfs copies a range by sharing its blocks. */
const sharing = { 'copy-file-range': 'cloned' };

/** The hook is in front of the file system, which then refuses. */
const asked = { 'zero-range': 'fallocated', collapse: 'fallocated', insert: 'fallocated' };

/** tmpfs keeps what was copied before the copy broke off, and the hook must not sum it later. */
const kept = { 'short-copy': 'short' };

function ofMachine(): Place[] {
  const { env } = process;
  const disks: [string, ObservedFileSystem, string | undefined, Outcomes?, Outcomes?, Outcomes?][] = [
    ['ext4', 'ext4', env['SLUICE_DISK_EXT4']],
    ['ext4 with blocks of 1 KiB', 'ext4', env['SLUICE_DISK_EXT4_1K']],
    ['xfs', 'xfs', env['SLUICE_DISK_XFS'], sharing],
    ['tmpfs', 'tmpfs', env['SLUICE_TMPFS'], cached, kept, asked],
  ];
  return disks.flatMap(([place, fileSystem, disk, outcomes = {}, hookOutcomes = {}, refused = {}]) => {
    if (!disk) return [];
    const make = () => mkdtempSync(join(disk, 'observe-'));
    const remove = (folder: string) => rmSync(folder, { recursive: true });
    return [{ place, fileSystem, outcomes, hookOutcomes, refused, make, remove }];
  });
}

/** An ext4 in an image of its own. */
function image(place: string, mkfs: string[], mount: string, outcomes: Outcomes = {}): Place {
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'pipe' });
  const file = (folder: string) => `${folder}.img`;
  return {
    place,
    fileSystem: 'ext4',
    outcomes,
    make() {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
      run('truncate', '-s', '128M', file(folder));
      run('mkfs.ext4', '-q', ...mkfs, file(folder));
      run('mount', '-o', `loop,${mount}`, file(folder), folder);
      return folder;
    },
    remove(folder) {
      run('umount', folder);
      rmSync(folder, { recursive: true });
      rmSync(file(folder));
    },
  };
}

/** In ext4's modes the writes end in different functions. */
export const places: readonly Place[] = process.env['SLUICE_VM']
  ? ofMachine()
  : [
      image('ext4', [], 'rw'),
      image('ext4 with inline data', ['-O', 'inline_data'], 'rw'),
      image('ext4 with blocks of 1 KiB', ['-b', '1024'], 'rw'),
      image('ext4 without delayed allocation', [], 'nodelalloc'),
      image('ext4 with data in the journal', [], 'data=journal', cached),
    ];

/** A file system, and hooks by which writes to it are seen. */
export interface Setting extends Place {
  hooks: HookKind;
}

/** Each place with each kind of hooks that sees it. */
export function settingsOf(some: readonly Place[]): Setting[] {
  return some.flatMap((place) => kindsFor(place.fileSystem).map((hooks) => ({ ...place, hooks })));
}

/** Where it is tried what does not depend on how writes end: each file system by each kind of hooks. */
export const everySetting: readonly Setting[] = settingsOf(
  process.env['SLUICE_VM']
    ? places.filter(({ place, fileSystem }) => place === fileSystem)
    : [
        {
          place: 'the file system of /tmp',
          fileSystem: 'ext4',
          make: () => mkdtempSync(join(tmpdir(), 'sluice-test-')),
          remove: (folder) => rmSync(folder, { recursive: true }),
        },
      ],
);

/** Of these, each file system once, and each kind of hooks. */
export const settings: readonly Setting[] = everySetting.filter(({ fileSystem, hooks }) => {
  const kinds = everySetting.filter((other) => other.fileSystem === fileSystem).map((other) => other.hooks);
  const wanted = { ext4: 'raw_tp', xfs: 'fentry', tmpfs: 'kprobe' }[fileSystem] as HookKind;
  return hooks === (kinds.includes(wanted) ? wanted : 'kprobe');
});

/** The kinds of hooks by which writes to a file system must be seen on this kernel. */
export function kindsFor(fileSystem: ObservedFileSystem): HookKind[] {
  if (process.env['SLUICE_BPF'] === 'refused') return [];
  if (!process.env['SLUICE_VM']) return ['raw_tp'];
  const [major, minor] = release().split('.').map(Number) as [number, number];
  const modern = major > 6 || (major === 6 && minor >= 12);
  const kinds: HookKind[] = ['kprobe'];
  // Functions of seven arguments have no trampolines before 6.6; some tracepoints are younger than 6.1.
  if (modern || fileSystem === 'xfs') kinds.push('fentry');
  if (modern && fileSystem === 'ext4') kinds.push('raw_tp');
  return kinds;
}
