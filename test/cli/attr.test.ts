import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { needs } from '../helpers/needs.js';
import { directory, run, sluice, sluiceUnprivileged } from './run.js';

needs('getfattr', 'xrdadler32', 'setfattr');

/** A folder with files whose Adler-32 is known. */
function files(): string {
  const cwd = directory();
  writeFileSync(join(cwd, 'digits'), '123456789');
  writeFileSync(join(cwd, 'empty'), '');
  return cwd;
}

it('sluice attr sets, gets, verifies and clears', async () => {
  const cwd = files();
  expect(await sluice(['attr', 'get', 'digits'], { cwd })).toEqual({
    stdout: 'digits: none\n',
    stderr: '',
    status: 0,
  });
  const set = ['attr', 'set', '-a', 'adler32,crc32c', '--profile', 'storm,xrdcks,sluice', 'digits', 'empty'];
  expect(await sluice(set, { cwd })).toEqual({
    stdout:
      'digits: adler32 091e01de\ndigits: crc32c e3069283\nempty: adler32 00000001\nempty: crc32c 00000000\n',
    stderr: '',
    status: 0,
  });
  const getfattr = ['--only-values', '-n', 'user.storm.checksum.adler32', 'digits'];
  expect((await run('getfattr', getfattr, { cwd })).stdout).toBe('091e01de');
  expect((await run('xrdadler32', ['digits'], { cwd })).stdout).toBe('091e01de digits\n');
  expect((await sluice(['attr', 'get', 'digits'], { cwd })).stdout).toBe(
    `digits: sluice adler32 091e01de fresh
digits: sluice crc32c e3069283 fresh
digits: storm adler32 091e01de undated
digits: xrdcks adler32 091e01de fresh
digits: xrdcks crc32c e3069283 fresh
`,
  );
  expect(await sluice(['attr', 'verify', 'digits', 'empty'], { cwd })).toMatchObject({
    stdout: 'digits: ok\nempty: ok\n',
    status: 0,
  });
  await sluice(['attr', 'clear', '--profile', 'storm,xrdcks', 'digits'], { cwd });
  expect((await sluice(['attr', 'get', 'digits', '-a', 'crc32c'], { cwd })).stdout).toBe(
    'digits: sluice crc32c e3069283 fresh\n',
  );
});

it('sluice attr prints objects', async () => {
  const cwd = files();
  const objects = async (...args: string[]) =>
    (await sluice(['attr', ...args, '--json', 'digits', 'absent'], { cwd })).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const absent = { name: 'absent', verdict: 'unreadable', error: { code: 'ERR_SLUICE_NOT_FOUND' } };
  expect(await objects('set')).toMatchObject([
    { name: 'digits', checksums: { adler32: '091e01de' } },
    absent,
  ]);
  const stored = {
    profile: 'sluice',
    attribute: 'user.sluice',
    algorithm: 'adler32',
    hex: '091e01de',
    state: 'fresh',
  };
  expect(await objects('get')).toMatchObject([{ name: 'digits', checksums: [stored] }, absent]);
  expect(await objects('verify')).toMatchObject([
    { name: 'digits', verdict: 'ok', bytes: 9, checksums: [{ ...stored, computed: '091e01de' }] },
    absent,
  ]);
});

it('sluice attr fails for what it finds wrong', async () => {
  const cwd = files();
  await run('setfattr', ['-n', 'user.storm.checksum.adler32', '-v', '00000bad', 'digits'], { cwd });
  expect(await sluice(['attr', 'verify', 'digits', 'empty'], { cwd })).toEqual({
    stdout:
      'digits: rot: storm adler32 00000bad, but the file has 091e01de (or it was changed: this profile keeps no time)\nempty: missing\n',
    stderr: '',
    status: 1,
  });
});

it('sluice attr sets anew what is stale, and what is as old', async () => {
  const cwd = files();
  await sluice(['attr', 'set', '--profile', 'storm,sluice', 'digits'], { cwd });
  writeFileSync(join(cwd, 'digits'), 'HELLO\n');
  expect((await sluice(['verify', '.'], { cwd })).stdout).toContain('digits: stale');
  await sluice(['attr', 'set', 'digits'], { cwd });
  expect(await sluice(['attr', 'get', 'digits'], { cwd })).toMatchObject({
    stdout: 'digits: sluice adler32 05cb017f fresh\ndigits: storm adler32 05cb017f undated\n',
  });
  expect((await sluice(['attr', 'verify', 'digits'], { cwd })).stdout).toBe('digits: ok\n');
});

it('sluice attr takes regular files only, and follows no link', async () => {
  const cwd = files();
  mkdirSync(join(cwd, 'folder'));
  symlinkSync('digits', join(cwd, 'link'));
  await run('mkfifo', ['fifo'], { cwd });
  const { stdout, stderr, status } = await sluice(
    ['attr', 'set', 'folder', 'link', 'fifo', 'absent', 'empty'],
    { cwd },
  );
  expect({ stdout, status }).toEqual({ stdout: 'empty: adler32 00000001\n', status: 1 });
  expect(stderr.split('\n').map((line) => line.split('. ')[0])).toEqual([
    'sluice: folder is a directory',
    'sluice: link is a symbolic link, not a regular file',
    'sluice: fifo is a device, a FIFO or a socket',
    'sluice: absent does not exist',
    '',
  ]);
});

it('sluice attr says what a user may not do', async () => {
  const cwd = files();
  chmodSync(join(cwd, 'digits'), 0o444);
  const { stderr, status } = await sluiceUnprivileged(['attr', 'set', 'digits'], { cwd });
  expect({ stderr, status }).toEqual({
    stderr:
      'sluice: digits: The attribute user.sluice may not be read or changed by this user (EACCES). Run as a user who may do that to it.\n',
    status: 1,
  });
  const { stdout } = await sluiceUnprivileged(['attr', 'set', '--json', 'digits'], { cwd });
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'refused', error: { code: 'ERR_SLUICE_PERMISSION' } });
  expect(readFileSync(join(cwd, 'digits'), 'utf8')).toBe('123456789');
});

it.each([
  [['attr', 'destroy', 'x'], "'destroy' is invalid for argument 'ACTION'"],
  [['attr', 'get'], "missing required argument 'FILE'"],
  [['attr', 'get', '--profile', 'dcache', 'x'], "There is no profile 'dcache'"],
  [
    ['attr', 'set', '--profile', 'storm', '-a', 'crc32', 'digits'],
    'The profile storm has no place for crc32',
  ],
])('refuses %j', async (args, reason) => {
  const { stderr, status } = await sluice(args, { cwd: files() });
  expect(stderr).toContain(reason);
  expect(status).toBe(2);
});
