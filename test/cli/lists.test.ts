/** Lists that are not what they are taken for, and those of other programs. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { needs } from '../helpers/needs.js';
import { directory, run, sluice } from './run.js';

needs('rhash');

const contents: Readonly<Record<string, string>> = {
  a: 'abc',
  'b b': 'blank',
  'line\nbreak': 'y',
  empty: '',
};
const names = Object.keys(contents);

function folder(): string {
  const cwd = directory();
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(cwd, name), content);
  return cwd;
}

async function listed(cwd: string, args: readonly string[], files = names): Promise<string> {
  return (await sluice(['sum', ...args, ...files], { cwd })).stdout;
}

describe('a list of another algorithm', () => {
  const lastLine = (text: string) => text.trimEnd().split('\n').at(-1);
  const taken = 'no checksum without a tag matched; they were taken for';

  it('is told by a file that matches', async () => {
    const cwd = folder();
    const of = async (algorithm: string, ...given: string[]) => {
      const input = await listed(cwd, ['-a', algorithm]);
      const { stderr, status } = await sluice(['sum', '-c', ...given], { cwd, input });
      expect(status).toBe(1);
      return lastLine(stderr);
    };
    expect(await of('crc32')).toBe(
      `sluice: 'standard input': ${taken} adler32, by their number of digits: that of 'line'$'\\n''break' is its crc32, so verify them with -a crc32`,
    );
    expect(await of('crc32c')).toContain('so verify them with -a crc32c');
    expect(await of('adler32', '-a', 'crc32')).toMatch(/taken for crc32, as -a says: .* with -a adler32$/);
  });

  it('is told by its digits', async () => {
    const cwd = folder();
    const of = async (list: string, ...given: string[]) =>
      lastLine((await sluice(['sum', '-c', ...given], { cwd, input: list })).stderr);
    const sha256 = (await run('sha256sum', ['a'], { cwd })).stdout;
    expect(await of(sha256)).toBe(
      "sluice: 'standard input': its checksums have 64 digits, which is none of adler32, crc32, crc32c, crc64nvme",
    );
    expect(await of(await listed(cwd, ['-a', 'crc64nvme']), '-a', 'crc32')).toMatch(
      /16 digits, as those of crc64nvme have: name the algorithm with -a$/,
    );
    expect(await of(await listed(cwd, []), '-a', 'crc64nvme')).toMatch(
      /8 digits, as those of adler32, crc32, crc32c have: name the algorithm with -a$/,
    );
  });

  it('may be one of files that have all changed', async () => {
    const cwd = folder();
    const input = await listed(cwd, []);
    for (const name of names) writeFileSync(join(cwd, name), 'changed');
    const { stderr } = await sluice(['sum', '-c'], { cwd, input });
    expect(lastLine(stderr)).toMatch(
      /taken for adler32, .*: if they are of another algorithm, name it with -a$/,
    );
    expect((await sluice(['sum', '-c', '--status'], { cwd, input })).stderr).toBe('');
  });

  it('is none where one line matches, or all have tags', async () => {
    const cwd = folder();
    for (const input of [
      `${await listed(cwd, [], ['a'])}${await listed(cwd, ['-a', 'crc32'], ['b b'])}`,
      (await listed(cwd, ['--tag'])).replaceAll('ADLER32', 'CRC32'),
    ]) {
      const { stderr, status } = await sluice(['sum', '-c'], { cwd, input });
      expect(status).toBe(1);
      expect(stderr).not.toContain('taken for');
    }
  });
});

describe('-z', () => {
  it('is named where a list has lines that end with NUL', async () => {
    const cwd = folder();
    for (const args of [['-z'], ['-z', '--tag'], ['-z', '-b']]) {
      writeFileSync(join(cwd, 'the list'), await listed(cwd, args));
      expect(await sluice(['sum', '-c', 'the list'], { cwd })).toEqual({
        stdout: '',
        stderr: "sluice: 'the list' has lines that end with NUL, as --zero prints them. Verify it with -z.\n",
        status: 1,
      });
      expect((await sluice(['sum', '-cz', 'the list'], { cwd })).status).toBe(0);
    }
  });

  it('is named where a list of more than a line may have has no newline', async () => {
    const cwd = folder();
    const input = (await listed(cwd, ['-z'])).repeat(20_000);
    const { stdout, stderr, status } = await sluice(['sum', '-c'], { cwd, input });
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    expect(stderr).toMatch(/^sluice: Standard input has lines that end with NUL, .* Verify it with -z\.\n$/);
  });

  it('is named where a list has lines that end with a newline', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'list'), await listed(cwd, []));
    expect(await sluice(['sum', '-cz', 'list'], { cwd })).toEqual({
      stdout: '',
      stderr: 'sluice: list has lines that end with a newline, not with NUL. Verify it without -z.\n',
      status: 1,
    });
  });

  it('reads a list whose names have newlines', async () => {
    const cwd = folder();
    const input = await listed(cwd, ['-z'], ['line\nbreak', 'line\nbreak']);
    expect((await sluice(['sum', '-cz'], { cwd, input })).status).toBe(0);
    // The last line may lack its end, unless it is the only one.
    expect((await sluice(['sum', '-cz'], { cwd, input: input.slice(0, -1) })).status).toBe(0);
  });
});

it('-b and -t are as in md5sum, the last of them counting', async () => {
  const cwd = folder();
  for (const args of [['-b'], ['-t'], ['-bt'], ['-tb'], ['-bz'], ['--tag', '-b'], ['--binary']]) {
    const theirs = (await run('md5sum', [...args, ...names], { cwd })).stdout;
    const ours = await listed(cwd, args);
    const bare = (text: string) => text.replace(/[0-9a-f]{8,}/g, 'HEX').replaceAll('MD5', 'ADLER32');
    expect(bare(ours)).toBe(bare(theirs));
    const reading = args.includes('-bz') ? ['-cz'] : ['-c'];
    expect((await sluice(['sum', ...reading], { cwd, input: ours })).status).toBe(0);
  }
});

it('the case of an algorithm does not matter', async () => {
  const cwd = folder();
  const shouted = await listed(cwd, ['-a', 'CRC32C,Adler32,crc64NVME']);
  expect(shouted).toBe(await listed(cwd, ['-a', 'crc32c,adler32,crc64nvme']));
  for (const input of [shouted, shouted.replace(/^\\?[A-Z0-9]+/gm, (tag) => tag.toLowerCase())]) {
    expect((await sluice(['sum', '-c', '--strict'], { cwd, input })).status).toBe(0);
  }
});

describe('an SFV file', () => {
  const hex = (name: string) =>
    crc32(contents[name] as string)
      .toString(16)
      .padStart(8, '0');

  it('is read by its name', async () => {
    const cwd = folder();
    const list = [
      '; Generated by WIN-SFV32 v1.1a on 2026-11-29 at 12:00.00',
      ';',
      `a ${hex('a').toUpperCase()}`,
      `b b    ${hex('b b')}`,
      '',
      `empty ${hex('empty')}`,
    ];
    for (const [name, end] of [
      ['sums.sfv', '\n'],
      ['SUMS.SFV', '\r\n'],
    ] as const) {
      writeFileSync(join(cwd, name), `\ufeff${list.join(end)}${end}`);
      expect(await sluice(['sum', '-c', '--strict', name], { cwd })).toEqual({
        stdout: 'a: OK\nb b: OK\nempty: OK\n',
        stderr: '',
        status: 0,
      });
    }
    writeFileSync(join(cwd, 'sums.sfv'), `# no comment\na ${hex('b b')}\ngone ${hex('a')}\n${hex('a')}  a\n`);
    expect(await sluice(['sum', '-c', '--warn', 'sums.sfv'], { cwd })).toEqual({
      stdout: 'a: FAILED\ngone: FAILED open or read\n',
      stderr: `sluice: sums.sfv: 1: improperly formatted checksum line
sluice: sums.sfv: 4: improperly formatted checksum line
sluice: gone does not exist. Check the path.
sluice: WARNING: 2 lines are improperly formatted
sluice: WARNING: 1 listed file could not be read
sluice: WARNING: 1 computed checksum did NOT match
`,
      status: 1,
    });
  });

  it('is known by its name, which is said where standard input has none', async () => {
    const cwd = folder();
    const input = `; a comment\na ${hex('a')}\nb b ${hex('b b')}\n`;
    expect(await sluice(['sum', '-c', '-'], { cwd, input })).toEqual({
      stdout: '',
      stderr: `sluice: 'standard input': no properly formatted checksum lines found
sluice: 'standard input': its lines are as in an SFV file, which is known by its name: name the file, which ends with .sfv
`,
      status: 1,
    });
  });

  it("is rhash's", async () => {
    const cwd = folder();
    const files = ['a', 'b b', 'empty'];
    await run('rhash', ['--crc32', '--sfv', '-o', 'rhash.sfv', ...files], { cwd });
    expect(readFileSync(join(cwd, 'rhash.sfv'), 'utf8')).toContain('b b');
    const { stdout, status } = await sluice(['sum', '-c', '--strict', 'rhash.sfv'], { cwd });
    expect({ stdout, status }).toEqual({ stdout: files.map((name) => `${name}: OK\n`).join(''), status: 0 });
  });

  it('may look like a list', async () => {
    const cwd = directory();
    writeFileSync(join(cwd, 'deadbeef'), 'abc');
    writeFileSync(join(cwd, 'x.sfv'), `deadbeef ${crc32('abc').toString(16)}\n`);
    expect(await sluice(['sum', '-c', 'x.sfv'], { cwd })).toMatchObject({
      stdout: 'deadbeef: OK\n',
      status: 0,
    });
  });
});
