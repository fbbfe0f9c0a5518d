/** The clients of the grid: davix, gfal2 as FTS uses it, and XRootD's and StoRM's views of what a PUT stored. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Outcome, run } from '../cli/run.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { reference } from '../helpers/reference.js';
import { served } from './serve.js';

needs(
  'davix-put',
  'davix-get',
  'davix-mkdir',
  'davix-ls',
  'davix-rm',
  'curl',
  'xrdadler32',
  'getfattr',
  'setfattr',
);

const folder = temporaryFolder();
const server = served();
/** Large enough for the relay. */
const file = fileOf(folder, 3_000_000);
const hex = reference('adler32', readFileSync(file)).toString(16).padStart(8, '0');

// Its scripts look for a python of their own, which is not where one from elsewhere comes first on the path.
const gfal = (command: string, ...args: string[]): Promise<Outcome> =>
  run('env', ['GFAL_PYTHONBIN=/usr/bin/python3', `gfal-${command}`, ...args]);

afterEach(() => expect(server.complaints()).toBe(''));

describe('davix', () => {
  it('puts and gets', async () => {
    expect(await run('davix-put', [file, `${server.url}/davix`])).toEqual({
      stdout: '',
      stderr: '',
      status: 0,
    });
    expect(readFileSync(join(server.root, 'davix')).equals(readFileSync(file))).toBe(true);
    const copy = join(folder, 'davix');
    expect((await run('davix-get', [`${server.url}/davix`, copy])).status).toBe(0);
    expect(readFileSync(copy).equals(readFileSync(file))).toBe(true);
  });

  it('makes a folder and lists it', async () => {
    expect((await run('davix-mkdir', [`${server.url}/folder`])).status).toBe(0);
    await run('davix-put', [file, `${server.url}/folder/file`]);
    const { stdout } = await run('davix-ls', ['-l', `${server.url}/folder`]);
    expect(stdout).toMatch(/^-\S+ 0 +3000000 .* file\n$/);
  });

  it('removes', async () => {
    expect((await run('davix-rm', [`${server.url}/folder/file`])).status).toBe(0);
    expect((await run('davix-get', [`${server.url}/folder/file`, join(folder, 'gone')])).stderr).toMatch(
      /404/,
    );
  });
});

describe('gfal2', () => {
  it('sums', async () => {
    await run('davix-put', [file, `${server.url}/summed`]);
    expect(await gfal('sum', `${server.url}/summed`, 'ADLER32')).toEqual({
      stdout: `${server.url}/summed ${hex}\n`,
      stderr: '',
      status: 0,
    });
  });

  it('copies there, with both ends compared', async () => {
    const { stdout, stderr, status } = await gfal(
      'copy',
      '-K',
      `ADLER32:${hex}`,
      `file://${file}`,
      `${server.url}/gfal`,
    );
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toBe(`Copying 3000000 bytes file://${file} => ${server.url}/gfal\n`);
    expect(readFileSync(join(server.root, 'gfal')).equals(readFileSync(file))).toBe(true);
  });

  it('copies back', async () => {
    const copy = join(folder, 'gfal');
    expect((await gfal('copy', '-K', 'ADLER32', `${server.url}/gfal`, `file://${copy}`)).status).toBe(0);
    expect(readFileSync(copy).equals(readFileSync(file))).toBe(true);
  });

  it('sees that a checksum is not what it should be', async () => {
    const { stderr, status } = await gfal(
      'copy',
      '-f',
      '-K',
      'ADLER32:00000001',
      `${server.url}/gfal`,
      `file://${folder}/no`,
    );
    expect(status).toBe(5);
    expect(stderr).toMatch(new RegExp(`SOURCE CHECKSUM MISMATCH.*${hex} != 00000001`));
  });
});

describe('what a PUT stored', () => {
  const stored = () => join(server.root, 'stored');

  it('is what xrdadler32 prints', async () => {
    await run('curl', ['-s', '-T', file, `${server.url}/stored`]);
    expect((await run('xrdadler32', [stored()])).stdout).toBe(`${hex} ${stored()}\n`);
  });

  it("is in StoRM's attribute", async () => {
    const { stdout } = await run('getfattr', [
      '--only-values',
      '-n',
      'user.storm.checksum.adler32',
      stored(),
    ]);
    expect(stdout).toBe(hex);
  });

  it("is in XRootD's, from where xrdadler32 takes it", async () => {
    const attribute = ['-n', 'user.XrdCks.adler32'];
    const { stdout } = await run('getfattr', ['-e', 'hex', ...attribute, stored()]);
    const [, content = ''] = /=(0x\w+)/.exec(stdout) ?? [];
    expect(content).toContain(hex);
    // Of another value in the same form it prints that: it has not summed the file itself.
    await run('setfattr', [...attribute, '-v', content.replace(hex, '0badcafe'), stored()]);
    expect((await run('xrdadler32', [stored()])).stdout).toBe(`0badcafe ${stored()}\n`);
  });
});
