import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { release } from 'node:os';
import { describe, expect, it } from 'vitest';
import { learnPageAddress } from '../../lib/engine/page-address.js';
import { algorithms, checksum, checksumAll } from '../../lib/index.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { report } from '../helpers/probed.js';
import { reference } from '../helpers/reference.js';

const { env } = process;
const served = report.backends.bpf.available;

/** The disks of a virtual machine, or the folder for temporary files where this is none. */
const disks = Object.entries({
  ext4: env['SLUICE_DISK_EXT4'],
  'ext4 with blocks of 1 KiB': env['SLUICE_DISK_EXT4_1K'],
  xfs: env['SLUICE_DISK_XFS'],
  overlayfs: env['SLUICE_OVERLAY'],
  tmpfs: env['SLUICE_TMPFS'],
  'temporary files': env['SLUICE_VM'] ? undefined : '/tmp',
}).flatMap(([name, path]) => (path ? [{ name, path }] : []));

/** All in one run, and each alone, for which some kernels have another program. */
const sets = [algorithms, ...algorithms.map((name) => [name])];

it('the kernel engine is there if and only if it should be, and runs if and only if it is there', async () => {
  const expected = env['SLUICE_BPF'];
  if (expected) expect(served ? 'served' : 'refused', report.backends.bpf.reason).toBe(expected);
  // Of a virtual machine's kernel that the table does not know, all is right that the probe is right about.
  else if (!env['SLUICE_VM']) expect(served, report.backends.bpf.reason).toBe(true);

  const ran = await checksum(fileOf(temporaryFolder(), 1000), { engine: 'kernel' }).then(
    () => true,
    () => false,
  );
  expect(ran, report.backends.bpf.reason).toBe(served);
});

describe.runIf(served)('the kernel engine, where it is there', () => {
  it.each(disks)('sums files of every size on $name', async ({ path }) => {
    const folder = temporaryFolder(path);
    for (const size of [0, 1, 4095, 4096, 4097, 65_537, 1_048_577]) {
      const content = randomBytes(size);
      const file = fileOf(folder, content);
      const right = new Map(algorithms.map((name) => [name, reference(name, content)]));
      for (const cache of ['use', 'bypass'] as const) {
        for (const set of sets) {
          const result = await checksum(file, { engine: 'kernel', algorithms: set, cache });
          expect(result.backend).toBe('bpf');
          const values = set.map((name) => [name, result.checksums[name]?.value]);
          expect([size, cache, values]).toEqual([size, cache, set.map((name) => [name, right.get(name)])]);
        }
      }
    }
  });

  it.each(disks)('sums large files on $name, in large folios where it has them', async ({ path }) => {
    const file = fileOf(temporaryFolder(path), 12_000_001);
    // Read from the device, so that read-ahead, not the writer, made the folios.
    execFileSync('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], {
      stdio: 'pipe',
    });
    for (const set of sets) {
      const kernel = await checksum(file, { engine: 'kernel', algorithms: set });
      const userspace = await checksum(file, { engine: 'userspace', algorithms: set });
      expect(kernel.checksums).toEqual(userspace.checksums);
    }
  });

  it('keeps sums apart on eight threads that share one CPU', async () => {
    const folder = temporaryFolder();
    const contents = Array.from({ length: 24 }, (_, i) => randomBytes(700_000 + i * 4099));
    const paths = contents.map((content) => fileOf(folder, content));
    const taskset = (cpus: string) =>
      execFileSync('taskset', ['-a', '-p', '-c', cpus, String(process.pid)], { stdio: 'pipe' });
    const sums = async () => {
      const values: unknown[] = [];
      for await (const { result } of checksumAll(paths, {
        engine: 'kernel',
        threads: 8,
        algorithms: ['adler32', 'crc32c'],
      })) {
        values.push([result?.checksums.adler32?.value, result?.checksums.crc32c?.value, result?.backend]);
      }
      return values;
    };
    await sums(); // so that the threads exist before they are bound to one CPU
    taskset('0');
    try {
      const right = contents.map((content) => [
        reference('adler32', content),
        reference('crc32c', content),
        'bpf',
      ]);
      for (let round = 0; round < 3; round++) expect(await sums()).toEqual(right);
    } finally {
      taskset('0-1');
    }
  });

  it.runIf(report.ksyms.available)('finds pages by search as it does by symbols', () => {
    const search = learnPageAddress(['search']).result;
    expect(learnPageAddress(['symbols']).result.bias).toBe(search.bias);
  });
});

describe.runIf(!served)('the kernel engine, where it is not there', () => {
  it('is refused with the reason, and user space serves', async () => {
    const content = randomBytes(300_000);
    const file = fileOf(temporaryFolder(), content);
    const result = await checksum(file, { algorithms });
    expect(result.backend).toBe('userspace');
    for (const name of algorithms) expect(result.checksums[name]?.value).toBe(reference(name, content));

    const error = await checksum(file, { engine: 'kernel' }).catch((error) => error);
    const [major, minor] = release().split('.').map(Number) as [number, number];
    if (!(report.capabilities.CAP_SYS_ADMIN || report.capabilities.CAP_BPF)) {
      expect(error.code).toBe('ERR_SLUICE_NO_CAPABILITY');
    } else {
      expect(error.code).toBe('ERR_SLUICE_KERNEL_ENGINE');
      if (report.lockdown === 'confidentiality') expect(error.message).toMatch(/locked down/);
      else if (!report.btf.available) expect(error.message).toMatch(/description of its types/);
      else if (major < 5 || (major === 5 && minor < 17))
        expect(error.message).toMatch(/no BPF programs of type SYSCALL/);
      else throw new Error(`refused without a reason that this test knows: ${error.message}`);
    }
  });
});
