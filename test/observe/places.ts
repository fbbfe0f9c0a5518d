/** Where the observe tap is tried: the disks of a virtual machine, or file systems mounted here. */

import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HookKind, ObservedFileSystem } from '../../lib/engine/taps/observe-programs.js';
import { reference } from '../helpers/reference.js';

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

/** Likewise: this disk was made without the feature. */
const askedOfXfs = { 'exchange-range': 'cloned' };

/** tmpfs keeps what was copied before the copy broke off, and the hook must not sum it later. */
const kept = { 'short-copy': 'short' };

function ofMachine(): Place[] {
  const { env } = process;
  const disks: [string, ObservedFileSystem, string | undefined, Outcomes?, Outcomes?, Outcomes?][] = [
    ['ext4', 'ext4', env['SLUICE_DISK_EXT4']],
    ['ext4 with blocks of 1 KiB', 'ext4', env['SLUICE_DISK_EXT4_1K']],
    ['xfs', 'xfs', env['SLUICE_DISK_XFS'], sharing, {}, canExchange ? askedOfXfs : {}],
    ['tmpfs', 'tmpfs', env['SLUICE_TMPFS'], cached, kept, asked],
  ];
  return disks.flatMap(([place, fileSystem, disk, outcomes = {}, hookOutcomes = {}, refused = {}]) => {
    if (!disk) return [];
    const make = () => mkdtempSync(join(disk, 'observe-'));
    const remove = (folder: string) => rmSync(folder, { recursive: true });
    return [{ place, fileSystem, outcomes, hookOutcomes, refused, make, remove }];
  });
}

type Made = Pick<Place, 'place' | 'fileSystem' | 'outcomes'> & {
  /** In megabytes. */
  size: number;
  mkfs?: string[];
  mount?: string;
  /** Changes the image before it is mounted. */
  change?(file: string): void;
};

/** A file system in an image of its own. */
function image({ size, mkfs = [], mount = 'rw', change = () => {}, ...place }: Made): Place {
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'pipe' });
  const file = (folder: string) => `${folder}.img`;
  return {
    ...place,
    make() {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
      run('truncate', '-s', `${size}M`, file(folder));
      run(`mkfs.${place.fileSystem}`, '-q', ...mkfs, file(folder));
      change(file(folder));
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

function ext4Image(place: string, mkfs: string[], mount: string, outcomes: Outcomes = {}): Place {
  return image({ place, fileSystem: 'ext4', size: 128, mkfs, mount, outcomes });
}

/** mkfs.xfs says so since 6.10. */
function letExchange(file: string): void {
  const [features, check] = [216, 224];
  const exchange = 1 << 6;
  const superblock = Buffer.alloc(512);
  const fd = openSync(file, 'r+');
  readSync(fd, superblock, 0, superblock.length, 0);
  superblock.writeUInt32BE(superblock.readUInt32BE(features) | exchange, features);
  superblock.writeUInt32LE(0, check);
  superblock.writeUInt32LE(Number(reference('crc32c', superblock)), check);
  writeSync(fd, superblock, 0, superblock.length, 0);
  closeSync(fd);
}

const [major, minor] = release().split('.').map(Number) as [number, number];
const isSince = (wanted: number, least: number) => major > wanted || (major === wanted && minor >= least);

/** Whether files of an xfs can exchange ranges. */
export const canExchange: boolean = isSince(6, 10);

/** An xfs whose files do where they can. */
export const xfsImage: Place = image({
  place: 'xfs',
  fileSystem: 'xfs',
  size: 300,
  change: canExchange ? letExchange : () => {},
});

const smallTmpfs: Place = {
  place: 'tmpfs',
  fileSystem: 'tmpfs',
  make() {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16M', 'none', folder]);
    return folder;
  },
  remove(folder) {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  },
};

/** Those that can be filled. In a machine it is those that are seen there alone. */
export const smallPlaces: readonly Place[] = [
  ...(process.env['SLUICE_VM']
    ? []
    : [
        ext4Image('ext4', ['-m', '0'], 'rw'),
        ext4Image('ext4 without delayed allocation', ['-m', '0'], 'nodelalloc'),
      ]),
  xfsImage,
  smallTmpfs,
];

/** In ext4's modes the writes end in different functions. */
export const places: readonly Place[] = process.env['SLUICE_VM']
  ? ofMachine()
  : [
      ext4Image('ext4', [], 'rw'),
      ext4Image('ext4 with inline data', ['-O', 'inline_data'], 'rw'),
      ext4Image('ext4 with blocks of 1 KiB', ['-b', '1024'], 'rw'),
      ext4Image('ext4 without delayed allocation', [], 'nodelalloc'),
      ext4Image('ext4 with data in the journal', [], 'data=journal', cached),
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
  if (!process.env['SLUICE_VM']) return fileSystem === 'ext4' ? ['raw_tp'] : [];
  const modern = isSince(6, 12);
  const kinds: HookKind[] = ['kprobe'];
  // Functions of seven arguments have no trampolines before 6.6; some tracepoints are younger than 6.1.
  if (modern || fileSystem === 'xfs') kinds.push('fentry');
  if (modern && fileSystem === 'ext4') kinds.push('raw_tp');
  return kinds;
}
