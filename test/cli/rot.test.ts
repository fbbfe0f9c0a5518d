/** What the commands do with a rotten file. */

import { copyFileSync, existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { plantRot } from '../files/xattr/rot.js';
import { needs } from '../helpers/needs.js';
import { directory, run, sluice, sluiceUnprivileged } from './run.js';

needs('getfattr', 'setfattr');

let cwd: string;
const attr = (...args: string[]) => sluice(['attr', ...args], { cwd });
const found = /^data: found rotten \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/m;
const record = async () =>
  (await run('getfattr', ['--only-values', '-n', 'user.sluice', 'data'], { cwd })).stdout;

/** A file whose value is stored, and whose byte 4 is another by now. */
beforeEach(async () => {
  cwd = directory();
  writeFileSync(join(cwd, 'data'), '123456789');
  await attr('set', 'data');
  plantRot(join(cwd, 'data'), 4);
});

it('attr verify marks it, attr get shows the mark, and attr verify takes it away once the file is repaired', async () => {
  expect(await attr('verify', 'data')).toMatchObject({
    stdout: expect.stringMatching(/^data: rot: sluice adler32 091e01de, but the file has [0-9a-f]{8}\n$/),
    status: 1,
  });
  expect((await attr('get', 'data')).stdout).toMatch(found);
  expect(JSON.parse((await attr('get', '--json', 'data')).stdout)).toMatchObject({ rot: expect.any(String) });
  plantRot(join(cwd, 'data'), 4);
  expect(await attr('verify', 'data')).toMatchObject({ stdout: 'data: ok\n', status: 0 });
  expect((await attr('get', 'data')).stdout).toBe('data: sluice adler32 091e01de fresh\n');
});

it.each([[['data']], [['-a', 'crc32c', 'data']], [['--profile', 'storm', 'data']]])(
  'attr set %j refuses it, and names the option that takes it as it is',
  async (args) => {
    const before = await record();
    const { stdout, stderr, status } = await attr('set', ...args);
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    expect(stderr).toMatch(/^sluice: data: The adler32 of the file is [0-9a-f]{8}, not 091e01de/);
    expect(stderr).toContain('`sluice attr set --replace-rot`');
    expect(await record()).toMatch(new RegExp(`^${before} rot=\\d+$`));
    expect((await run('getfattr', ['-d', 'data'], { cwd })).stdout).not.toContain('storm');
  },
);

it('attr set --replace-rot takes it as it is, and all that differed is set anew', async () => {
  expect((await attr('set', '--replace-rot', '-a', 'crc32c', 'data')).status).toBe(0);
  expect(await attr('verify', 'data')).toMatchObject({ stdout: 'data: ok\n', status: 0 });
  expect((await attr('get', 'data')).stdout).toMatch(/^data: sluice adler32 .*\ndata: sluice crc32c .*\n$/);
  expect(await attr('verify', '--replace-rot', 'data')).toMatchObject({ status: 2 });
});

it('attr clear forgets its values and leaves its mark, and attr set refuses it still', async () => {
  await attr('verify', 'data');
  await attr('clear', 'data');
  expect((await attr('get', 'data')).stdout).toMatch(found);
  expect(await attr('verify', 'data')).toMatchObject({
    stdout: 'data: rot: found before, and no value is left to verify it by\n',
    status: 1,
  });
  expect((await attr('set', 'data')).stderr).toContain('was found rotten');
  expect((await attr('set', '--replace-rot', 'data')).status).toBe(0);
  expect((await attr('get', 'data')).stdout).not.toMatch(found);
});

it('verify marks it, and says where it could not', async () => {
  expect(await sluice(['verify', '.'], { cwd })).toMatchObject({
    stdout: expect.stringMatching(/^data: rot: sluice adler32/),
    status: 1,
  });
  expect((await attr('get', 'data')).stdout).toMatch(found);
  await run('chmod', ['444', 'data'], { cwd });
  await run('setfattr', ['-n', 'user.sluice', '-v', (await record()).replace(/ rot=\d+/, ''), 'data'], {
    cwd,
  });
  const { stdout, status } = await sluiceUnprivileged(['verify', '.'], { cwd });
  expect(stdout).toMatch(/^data: rot: .*; the mark of rot could not be set: servers will still send it: /);
  expect(status).toBe(1);
  const [line] = (await sluiceUnprivileged(['verify', '--json', '.'], { cwd })).stdout.split('\n');
  expect(JSON.parse(line as string)).toMatchObject({
    verdict: 'rot',
    markFailure: { code: 'ERR_SLUICE_PERMISSION' },
  });
});

it('verify --store stores nothing beside a value that differs, and counts it as rot', async () => {
  const { stdout, status } = await sluice(['verify', '--store', '--profile', 'storm', '.'], { cwd });
  expect(stdout).toMatch(/^data: rot: The adler32 of the file is/);
  expect(stdout).toMatch(/\b1 rot\b|rot:? 1\b/);
  expect(status).toBe(1);
  expect((await run('getfattr', ['-d', 'data'], { cwd })).stdout).not.toContain('storm');
});

it.each([[[]], [['-a', 'crc32c']]])('copy %j refuses it, marked or not', async (args) => {
  for (const reason of [/The adler32 of data is/, /data was found rotten/]) {
    const { stderr, status } = await sluice(['copy', ...args, 'data', 'copy'], { cwd });
    expect(stderr).toMatch(reason);
    expect(status).toBe(1);
    expect(existsSync(join(cwd, 'copy'))).toBe(false);
  }
  expect((await attr('get', 'data')).stdout).toMatch(found);
});

it('copy copies a file whose values are right, or are of another version', async () => {
  plantRot(join(cwd, 'data'), 4);
  expect((await sluice(['copy', '-a', 'crc32', 'data', 'copy'], { cwd })).stdout).toBe('cbf43926  copy\n');
  expect(readFileSync(join(cwd, 'copy'), 'utf8')).toBe('123456789');
  copyFileSync(join(cwd, 'copy'), join(cwd, 'data'));
  writeFileSync(join(cwd, 'data'), 'other');
  utimesSync(join(cwd, 'data'), 1, 1);
  expect((await sluice(['copy', 'data', 'copy'], { cwd })).status).toBe(0);
});
