import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checksum, combine, createChecksum } from '../../lib/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { reference } from '../helpers/reference.js';

needs('mkfs.ext4', 'mkfs.xfs', 'bindfs');

const folder = temporaryFolder();

describe.each(engines)('checksum(), in %s', (engine) => {
  it('sums a sparse file that is larger than 4 GiB', async () => {
    const path = fileOf(folder, 0);
    const size = 4 * 2 ** 30 + 4097;
    truncateSync(path, size);
    const fd = openSync(path, 'r+');
    const tail = randomBytes(9);
    writeSync(fd, tail, 0, 9, size - 9);
    closeSync(fd);
    const { checksums, bytes } = await checksum(path, { engine, algorithms: ['adler32', 'crc32c'] });
    expect(bytes).toBe(size);
    // Zeros by doubling: what the holes sum to, without reading 4 GiB in the test.
    for (const name of ['adler32', 'crc32c'] as const) {
      const kib = createChecksum(name).update(Buffer.alloc(1024)).digest();
      let [zeros, length] = [kib, 1024];
      while (length < 4 * 2 ** 30) {
        zeros = combine(name, zeros, zeros, length);
        length *= 2;
      }
      const rest = Buffer.concat([Buffer.alloc(4097 - 9), tail]);
      expect(checksums[name]?.value).toBe(combine(name, zeros, reference(name, rest), rest.length));
    }
    rmSync(path);
  });

  it('sums a deleted file that is open, by descriptor and by FileHandle, whose position stays', async () => {
    const content = randomBytes(70_000);
    const path = fileOf(folder, content);
    const handle = await open(path);
    const fd = openSync(path, 'r');
    try {
      rmSync(path);
      await handle.read(Buffer.alloc(100), 0, 100);
      for (const source of [handle, fd]) {
        expect(await checksum(source, { engine })).toMatchObject({
          value: reference('adler32', content),
          writers: 'none',
        });
      }
      const { buffer } = await handle.read(Buffer.alloc(4), 0, 4);
      expect(buffer).toEqual(content.subarray(100, 104));
    } finally {
      await handle.close();
      closeSync(fd);
    }
  });

  it('sums a file by its URL, and by a name that is not ASCII', async () => {
    const content = randomBytes(100);
    const path = join(folder, `prüfsumme \n "x"-${engine}`);
    writeFileSync(path, content);
    expect((await checksum(pathToFileURL(path), { engine })).value).toBe(reference('adler32', content));
  });

  it('sums files of /proc and /sys, whose size is not that of their content', async () => {
    // In /proc the size is 0; in /sys it is a page, whatever there is to read.
    for (const path of ['/proc/sys/kernel/ostype', '/sys/kernel/mm/transparent_hugepage/enabled']) {
      const content = readFileSync(path);
      expect(content.length).not.toBe(statSync(path).size);
      const { value, bytes } = await checksum(path, { engine: 'userspace' });
      expect({ value, bytes }).toEqual({ value: reference('adler32', content), bytes: content.length });
    }
  });
});

/** A file system for the tests: mounted on a folder, gone afterwards. */
interface FileSystem {
  name: string;
  mount(at: string, spare: string): void;
  /** Whether O_DIRECT is expected to work. */
  direct: boolean;
}

/** A sanitizer that is preloaded is for node alone: mkfs.xfs leaks, and would fail for it. */
const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { stdio: 'pipe', env: { ...process.env, LD_PRELOAD: '' } });

function image(spare: string, megabytes: number): string {
  const path = join(spare, 'image');
  writeFileSync(path, '');
  truncateSync(path, megabytes * 2 ** 20);
  return path;
}

const fileSystems: FileSystem[] = [
  {
    name: 'ext4',
    direct: true,
    mount(at, spare) {
      const disk = image(spare, 64);
      run('mkfs.ext4', '-q', '-F', disk);
      run('mount', '-o', 'loop', disk, at);
    },
  },
  {
    name: 'ext4 with blocks of 1 KiB',
    direct: true,
    mount(at, spare) {
      const disk = image(spare, 64);
      run('mkfs.ext4', '-q', '-F', '-b', '1024', disk);
      run('mount', '-o', 'loop', disk, at);
    },
  },
  {
    name: 'xfs',
    direct: true,
    mount(at, spare) {
      const disk = image(spare, 320);
      run('mkfs.xfs', '-q', '-f', disk);
      run('mount', '-o', 'loop', disk, at);
    },
  },
  { name: 'tmpfs', direct: false, mount: (at) => run('mount', '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', at) },
  {
    name: 'overlayfs',
    direct: true,
    mount(at, spare) {
      const [lower, upper, work] = ['lower', 'upper', 'work'].map((name) => join(spare, name)) as [
        string,
        string,
        string,
      ];
      for (const each of [lower, upper, work]) mkdirSync(each);
      run(
        'mount',
        '-t',
        'overlay',
        '-o',
        `lowerdir=${lower},upperdir=${upper},workdir=${work}`,
        'overlay',
        at,
      );
    },
  },
];

describe('checksum() on FUSE, as on a network file system', () => {
  const [below, at, madeUp] = ['below', 'fuse', 'fuse of proc'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  beforeAll(() => {
    for (const each of [below, at, madeUp]) mkdirSync(each);
    // The kernel may answer from what it knew of a file for a minute, as NFS does.
    run('bindfs', '-o', 'attr_timeout=60,entry_timeout=60', below, at);
    run('bindfs', '-o', 'direct_io', '/proc/sys/kernel', madeUp);
  });
  afterAll(() => {
    run('umount', at);
    run('umount', madeUp);
  });

  it.each(engines)(
    'sums a file as it is now, not as it was when it was last looked at, in %s',
    async (engine) => {
      const name = basename(fileOf(below, Buffer.from('before')));
      expect(statSync(join(at, name)).size).toBe(6);
      appendFileSync(join(below, name), ' and after');
      expect(statSync(join(at, name)).size).toBe(6);
      const result = await checksum(join(at, name), { engine });
      expect(result).toMatchObject({
        bytes: 16,
        value: reference('adler32', Buffer.from('before and after')),
        writers: 'unknown',
      });
    },
  );

  it('fails if another machine changes the file while it is read', async () => {
    const path = fileOf(below, 0);
    truncateSync(path, 2 ** 30);
    let changed = false;
    const sum = checksum(join(at, basename(path)), {
      onProgress: () => {
        if (!changed) truncateSync(path, 2 ** 30 - 1);
        changed = true;
      },
    });
    await expect(sum).rejects.toMatchObject({ code: 'ERR_SLUICE_CHANGED' });
    expect(changed).toBe(true);
  });

  it('sums a file that says that it is empty, and is not', async () => {
    const path = join(madeUp, 'ostype');
    expect(statSync(path).size).toBe(0);
    const { value, bytes } = await checksum(path);
    expect({ value, bytes }).toEqual({ value: reference('adler32', Buffer.from('Linux\n')), bytes: 6 });
  });
});

describe.each(fileSystems)('checksum() on $name', ({ name, mount, direct }) => {
  const at = join(folder, `mount ${name}`);
  const spare = join(folder, `spare ${name}`);
  beforeAll(() => {
    for (const each of [at, spare]) mkdirSync(each);
    mount(at, spare);
  });
  afterAll(() => {
    run('umount', at);
  });

  it.each(engines)('has the right values, and knows whether there are writers, in %s', async (engine) => {
    for (const size of [0, 1, 4095, 4096, 100_001, 5_000_000]) {
      const content = randomBytes(size);
      const path = fileOf(at, content);
      for (const cache of ['use', 'bypass'] as const) {
        const result = await checksum(path, { engine, cache, algorithms: ['adler32', 'crc32c'] });
        expect(result.checksums.adler32?.value).toBe(reference('adler32', content));
        expect(result.checksums.crc32c?.value).toBe(reference('crc32c', content));
        // A store through a mapping of an overlay's file is made to the layer's, where the lease does not see it; one
        // into a page of tmpfs may come from a buffer that outlives the mapping.
        expect(result.writers).toBe(/^(overlayfs|tmpfs)$/.test(name) ? 'unknown' : 'none');
        expect(result.backend).toBe(engine === 'kernel' ? 'bpf' : 'userspace');
        if (cache === 'use') expect(result.cache).toBe('used');
        else if (!direct) expect(result.cache).toMatch(/bypassed|fell-back/);
        else expect(result.cache).toBe('bypassed');
      }
    }
  });
});
