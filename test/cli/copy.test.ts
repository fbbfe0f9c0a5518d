import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readChecksums } from '../../lib/files/xattr/index.js';
import { checksum, createChecksum } from '../../lib/index.js';
import { engines } from '../helpers/engines.js';
import { needs } from '../helpers/needs.js';
import { binary, directory, run, sluice, sluiceUnprivileged } from './run.js';
import { sourceIn } from './source.js';

needs('setfattr', 'getfattr', 'strace', 'python3');

const adler32 = (content: Buffer) => createChecksum('adler32').update(content).digest('hex');

it.each(engines)('sluice copy copies, and prints what is stored, with %s', async (engine) => {
  const folder = directory();
  for (const size of [0, 1, 3_000_000]) {
    const { path, content } = sourceIn(folder, randomBytes(size));
    const to = join(folder, 'copy');
    expect(await sluice(['copy', '--engine', engine, path, to])).toEqual({
      stdout: `${adler32(content)}  ${to}\n`,
      stderr: '',
      status: 0,
    });
    expect(readFileSync(to).equals(content)).toBe(true);
  }
});

it('sluice copy copies into a folder, by several algorithms', async () => {
  const folder = directory();
  const { path, content } = sourceIn(folder);
  mkdirSync(join(folder, 'into'));
  const { stdout, status } = await sluice(['copy', '-a', 'crc32c,adler32', path, join(folder, 'into')]);
  const to = join(folder, 'into', 'source');
  const crc32c = createChecksum('crc32c').update(content).digest('hex');
  expect([stdout, status]).toEqual([
    `CRC32C (${to}) = ${crc32c}\nADLER32 (${to}) = ${adler32(content)}\n`,
    0,
  ]);
  expect(readFileSync(to).equals(content)).toBe(true);
});

it('sluice copy publishes nothing that does not match', async () => {
  const folder = directory();
  const { path, content } = sourceIn(folder);
  const to = join(folder, 'copy');
  writeFileSync(to, 'old');
  const right = BigInt(`0x${adler32(content)}`)
    .toString(16)
    .toUpperCase(); // without leading zeros, too
  const wrong = await sluice(['copy', '--verify', '1', path, to]);
  expect(wrong.status).toBe(1);
  expect(wrong.stderr).toContain(`${path} has the adler32 ${adler32(content)}, not 00000001`);
  expect(wrong.stdout).toBe('');
  expect(readFileSync(to, 'utf8')).toBe('old');
  expect(readdirSync(folder).sort()).toEqual(['copy', 'source']);
  expect((await sluice(['copy', '--verify', right, path, to])).status).toBe(0);
  expect(readFileSync(to).equals(content)).toBe(true);
});

it('sluice copy keeps holes as holes, and sums them', async () => {
  const folder = directory();
  const path = join(folder, 'source');
  writeFileSync(path, '');
  truncateSync(path, 2 ** 26 + 1);
  const fd = openSync(path, 'r+');
  for (const at of [4096 * 3, 2 ** 23, 2 ** 25 + 5]) writeSync(fd, randomBytes(10_000), 0, 10_000, at);
  closeSync(fd);
  const to = join(folder, 'copy');
  for (const size of [2 ** 26 + 1, 2 ** 25, 4096]) {
    truncateSync(path, size); // the last is nothing but a hole
    const { stdout, status } = await sluice(['copy', path, to]);
    expect([stdout, status]).toEqual([`${(await checksum(path)).hex}  ${to}\n`, 0]);
    expect((await checksum(to)).hex).toBe(stdout.slice(0, 8));
    expect(statSync(to).size).toBe(size);
    expect(statSync(to).blocks).toBeLessThanOrEqual(statSync(path).blocks);
  }
});

it('sluice copy keeps what is asked for, and nothing else', async () => {
  const folder = directory();
  const { path, content } = sourceIn(folder);
  execFileSync('setfattr', ['-n', 'user.note', '-v', 'kept', path]);
  execFileSync('setfattr', ['-n', 'user.storm.checksum.adler32', '-v', 'deadbeef', path]);
  chmodSync(path, 0o777);
  utimesSync(path, 1_000_000_000.123456, 1_100_000_000.654321);
  const to = join(folder, 'copy');
  const attributes = () => execFileSync('getfattr', ['--absolute-names', '-d', to], { encoding: 'utf8' });

  await sluice(['copy', path, to]);
  expect(statSync(to).mode & 0o777).toBe(0o777 & ~process.umask());
  expect(statSync(to).mtimeMs).toBeGreaterThan(statSync(path).mtimeMs);
  expect(attributes()).toBe('');

  const { status } = await sluice([
    'copy',
    '--keep=mode',
    '--keep=times,xattrs',
    '--profile=storm',
    '--profile=sluice',
    path,
    to,
  ]);
  expect(status).toBe(0);
  expect(statSync(to).mode & 0o777).toBe(0o777);
  const times = (of: string) => {
    const { atimeNs, mtimeNs } = statSync(of, { bigint: true });
    return { atimeNs, mtimeNs };
  };
  expect(times(to).mtimeNs).toBe(times(path).mtimeNs);
  expect(attributes()).toContain('user.note="kept"');
  expect(attributes()).toContain(`user.storm.checksum.adler32="${adler32(content)}"`);
  const fd = openSync(to, 'r');
  const stored = await readChecksums(fd, { profiles: ['sluice'] });
  expect(stored).toMatchObject([{ algorithm: 'adler32', hex: adler32(content), state: 'fresh' }]);
  closeSync(fd);
});

it('sluice copy --sync syncs the file and its folder', async () => {
  const folder = directory();
  const { path } = sourceIn(folder);
  const trace = join(folder, 'trace');
  const command = [process.execPath, binary, 'copy', '--sync', path, join(folder, 'copy')];
  execFileSync('strace', ['-f', '-y', '-e', 'trace=fsync,linkat', '-o', trace, ...command]);
  const calls = readFileSync(trace, 'utf8').match(/(fsync|linkat)\(/g);
  expect(calls).toEqual(['fsync(', 'linkat(', 'fsync(']);
});

it.each(['/proc/version', '/sys/kernel/mm/transparent_hugepage/enabled'])(
  'sluice copy copies what is made up as it is read, whatever its size says: %s',
  async (made) => {
    const to = join(directory(), 'copy');
    const content = readFileSync(made);
    expect(await sluice(['copy', made, to])).toEqual({
      stdout: `${adler32(content)}  ${to}\n`,
      stderr: '',
      status: 0,
    });
    expect(readFileSync(to).equals(content)).toBe(true);
  },
);

it('sluice copy says in a sentence what the system refuses', async () => {
  const folder = directory();
  const { path } = sourceIn(folder);
  const small = [
    '-c',
    'ulimit -f 1; exec "$@"',
    'bash',
    process.execPath,
    binary,
    'copy',
    path,
    join(folder, 'x'),
  ];
  const large = await run('bash', small);
  expect(large).toMatchObject({ status: 1, stderr: expect.stringMatching(/^sluice: The size of .* EFBIG/) });

  const closed = join(folder, 'closed');
  mkdirSync(closed, { mode: 0 });
  const hidden = await sluiceUnprivileged(['copy', path, join(closed, 'x')]);
  expect(hidden).toMatchObject({ status: 1, stderr: expect.stringMatching(/^sluice: .*may not be written/) });
});

it.each<[string, number, RegExp]>([
  ['source', 2, /missing required argument/],
  ['--profile strom source x', 2, /no profile 'strom'/],
  ['-a crc32 --profile storm nowhere x', 2, /storm has no place for crc32/],
  ['--keep owner source x', 2, /no property 'owner'/],
  ['--verify xyz source x', 2, /hexadecimal/],
  ['--verify 0123456789abcdef0 source x', 2, /hexadecimal/],
  ['--verify 108d6d55b source x', 2, /108d6d55b has more digits than a value of adler32/],
  ['nowhere x', 1, /does not exist/],
  ['. x', 1, /is a directory/],
  ['fifo x', 1, /not a regular file/],
  ['source no/x', 1, /folder of .* does not exist/],
  ['source fifo', 1, /FIFO|not a regular file/],
  ['source .sluice-0', 1, /.sluice-0 has a name of those .* Choose a name/],
])('sluice copy refuses what can not be: %s', async (args, expected, message) => {
  const cwd = directory();
  sourceIn(cwd);
  execFileSync('mkfifo', ['fifo'], { cwd });
  const { status, stderr } = await sluice(['copy', ...args.split(' ')], { cwd });
  expect(stderr).toMatch(message);
  expect(status).toBe(expected);
  expect(readdirSync(cwd).sort()).toEqual(['fifo', 'source']);
});
