/** `sluice sum -c` beside `sha256sum -c`, on lists that differ in nothing but the digest. */

import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needs } from '../helpers/needs.js';
import { directory, type Outcome, run, sluice } from './run.js';

needs('xrdadler32');

/** What a list is made of: the digest of a file, a digest that is not its, and the tag of the algorithm. */
interface Digest {
  right: (name: string) => string;
  wrong: (name: string) => string;
  tag: string;
}

const contents: Readonly<Record<string, string>> = {
  a: 'abc',
  'b b': 'blank',
  'back\\slash': 'x',
  'line\nbreak': 'y',
};

const lists: Readonly<Record<string, (digest: Digest) => string>> = {
  'all right': ({ right }) => `${right('a')}  a\n${right('b b')}  b b\n`,
  'binary marks': ({ right }) => `${right('a')} *a\n${right('b b')} *b b\n`,
  'one blank': ({ right }) => `${right('a')} a\n${right('b b')} b b\n`,
  'one blank, then two': ({ right }) => `${right('a')} a\n${right('a')}  a\n`,
  'two blanks, then one': ({ right }) => `${right('a')}  a\n${right('a')} a\n`,
  'DOS line ends': ({ right }) => `${right('a')}  a\r\n${right('b b')}  b b\r\n`,
  'leading blanks': ({ right }) => ` \t${right('a')}  a\n`,
  'comments and empty lines': ({ right }) => `# a comment\n\n${right('a')}  a\n`,
  'no end of line': ({ right }) => `${right('a')}  a`,
  'capital digits': ({ right }) => `${right('a').toUpperCase()}  a\n`,
  tags: ({ right, tag }) => `${tag} (a) = ${right('a')}\n${tag} (b b) = ${right('b b')}\n`,
  "tags in openssl's way": ({ right, tag }) => `${tag}(a)= ${right('a')}\n`,
  'tags of something else': ({ right }) => `GOST (a) = ${right('a')}\n`,
  'escaped names': ({ right }) =>
    `\\${right('back\\slash')}  back\\\\slash\n\\${right('line\nbreak')}  line\\nbreak\n`,
  'escaped names with tags': ({ right, tag }) => `\\${tag} (back\\\\slash) = ${right('back\\slash')}\n`,
  'a name with an escape that there is not': ({ right }) => `\\${right('a')}  a\\q\n`,
  'a name that ends in a backslash': ({ right }) => `\\${right('a')}  a\\\n`,
  'one that is wrong': ({ right, wrong }) => `${right('a')}  a\n${wrong('b b')}  b b\n`,
  'some that are wrong': ({ wrong }) => `${wrong('a')}  a\n${wrong('b b')}  b b\n`,
  'one that is missing': ({ right }) => `${right('a')}  a\n${right('a')}  gone\n`,
  'all that are missing': ({ right }) => `${right('a')}  gone\n${right('a')}  lost\n`,
  'one line of garbage': ({ right }) => `${right('a')}  a\ngarbage\n`,
  'lines of garbage': ({ right }) =>
    `garbage\n${right('a')}  a\n${right('a').slice(1)}  a\n${right('a')}0  a\n`,
  'nothing but garbage': () => 'garbage\nmore of it\n',
  'nothing at all': () => '',
  'a name and no digest': () => '  a\n',
  'a digest and no name': ({ right }) => `${right('a')}\n${right('a')}  \n`,
  'everything at once': ({ right, wrong }) =>
    `${right('a')}  a\ngarbage\n${wrong('a')}  a\n${right('a')}  gone\n${right('b b')}  b b\n`,
};

/** Lists that the options treat each in another way. */
const telling = [
  'all right',
  'all that are missing',
  'one line of garbage',
  'nothing but garbage',
  'everything at once',
];

const options: readonly (readonly string[])[] = [
  [],
  ['--quiet'],
  ['--status'],
  ['--strict'],
  ['--warn'],
  ['--ignore-missing'],
  ['--ignore-missing', '--quiet', '--strict'],
  ['--quiet', '--status'],
  ['--status', '--warn'],
  ['--warn', '--quiet'],
];

function flip(hex: string): string {
  return hex.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
}

async function digests(sum: (name: string) => Promise<string>, tag: string): Promise<Digest> {
  const known = new Map<string, string>();
  for (const name of Object.keys(contents)) known.set(name, await sum(name));
  const right = (name: string) => known.get(name) as string;
  return { right, wrong: (name) => flip(right(name)), tag };
}

/** What differs by intention: the names of program and digest, and how a missing file is told. */
function comparable({ stdout, stderr, status }: Outcome): object {
  const lines = stderr
    .replace(/^sha256sum: /gm, 'sluice: ')
    .replaceAll('formatted SHA256 checksum', 'formatted checksum')
    .replace(/^(sluice: .*?): No such file or directory$/gm, '$1 does not exist. Check the path.')
    // Lists for sha256sum have one algorithm only.
    .replace(/^sluice: .*: no checksum without a tag matched; .*\n/gm, '')
    .split('\n');
  // coreutils warn of a line between the files around it, which says nothing more.
  return { stdout, status, lines: lines.sort() };
}

/** Two folders with the same files and, by the same name, a list for either program. */
async function folders(list: (digest: Digest) => string): Promise<{ theirs: string; ours: string }> {
  const [theirs, ours] = [directory(), directory()];
  for (const cwd of [theirs, ours]) {
    for (const [name, content] of Object.entries(contents)) writeFileSync(join(cwd, name), content);
  }
  const sha256 = async (name: string) =>
    (await run('sha256sum', ['-z', name], { cwd: theirs })).stdout.slice(0, 64);
  const adler32 = async (name: string) => (await run('xrdadler32', [name], { cwd: ours })).stdout.slice(0, 8);
  writeFileSync(join(theirs, 'list'), list(await digests(sha256, 'SHA256')));
  writeFileSync(join(ours, 'list'), list(await digests(adler32, 'ADLER32')));
  return { theirs, ours };
}

describe('beside sha256sum -c', () => {
  it.each(Object.entries(lists))('%s', async (_, list) => {
    const { theirs, ours } = await folders(list);
    const expected = await run('sha256sum', ['-c', '--warn', 'list'], { cwd: theirs });
    expect(comparable(await sluice(['sum', '-c', '--warn', 'list'], { cwd: ours }))).toEqual(
      comparable(expected),
    );
  });

  it.each(options.map((given) => [given.join(' '), given] as const))('with options %s', async (_, given) => {
    const args = ['-c', ...given];
    for (const name of telling) {
      const { theirs, ours } = await folders(lists[name] as (digest: Digest) => string);
      const expected = await run('sha256sum', [...args, 'list'], { cwd: theirs });
      expect(comparable(await sluice(['sum', ...args, 'list'], { cwd: ours })), name).toEqual(
        comparable(expected),
      );
    }
  });

  it('on standard input', async () => {
    for (const name of telling) {
      const { theirs, ours } = await folders(lists[name] as (digest: Digest) => string);
      const input = (cwd: string) => ({ cwd, input: readFileSync(join(cwd, 'list')) });
      const expected = await run('sha256sum', ['-c', '-'], input(theirs));
      expect(comparable(await sluice(['sum', '-c', '-'], input(ours))), name).toEqual(comparable(expected));
      expect(comparable(await sluice(['sum', '-c'], input(ours))), name).toEqual(comparable(expected));
    }
  });
});

describe('lists of our own', () => {
  const everything = 'crc64nvme,adler32,crc32c,crc32';

  async function folder(): Promise<string> {
    const cwd = directory();
    for (const [name, content] of Object.entries(contents)) writeFileSync(join(cwd, name), content);
    return cwd;
  }

  it.each([
    ['the default layout', ['-a', 'adler32'], []],
    ['16 digits', ['-a', 'crc64nvme'], []],
    ['--xrd', ['--xrd'], []],
    ['--tag', ['--tag', '-a', 'crc32'], []],
    ['8 digits, as -a says', ['-a', 'crc32c'], ['-a', 'crc32c']],
    ['several algorithms', ['-a', everything], []],
    ['--zero', ['--zero'], ['--zero']],
    ['--zero and several algorithms', ['--zero', '-a', everything], ['--zero']],
  ])('are read back: %s', async (_, writing, reading) => {
    const cwd = await folder();
    const names = Object.keys(contents).filter((name) => !writing.includes('--xrd') || !name.includes('\n'));
    const written = await sluice(['sum', ...writing, ...names], { cwd });
    const lines = writing.includes(everything) ? 4 * names.length : names.length;
    const read = await sluice(['sum', '-c', '--strict', ...reading, '-'], { cwd, input: written.stdout });
    expect({ status: read.status, stderr: read.stderr }).toEqual({ status: 0, stderr: '' });
    expect(read.stdout.match(/: OK$/gm)).toHaveLength(lines);

    for (const name of names) appendFileSync(join(cwd, name), '!');
    const changed = await sluice(['sum', '-c', ...reading], { cwd, input: written.stdout });
    expect(changed.status).toBe(1);
    expect(changed.stdout.match(/: FAILED$/gm)).toHaveLength(lines);
  });

  it('say which algorithm of a file is wrong', async () => {
    const cwd = await folder();
    const { stdout } = await sluice(['sum', '-a', 'adler32,crc32c', 'a'], { cwd });
    const input = stdout.replace(/[0-9a-f]{8}\n$/, 'deadbeef\n');
    const { status, stdout: verdicts } = await sluice(['sum', '-c'], { cwd, input });
    expect({ status, verdicts }).toEqual({ status: 1, verdicts: 'a: OK\na: FAILED\n' });
  });

  it('may be several, and one that is missing does not stop the others', async () => {
    const cwd = await folder();
    await run('sh', ['-c', 'xrdadler32 a > one; xrdadler32 "b b" > two'], { cwd });
    const { stdout, stderr, status } = await sluice(['sum', '-c', 'one', 'gone', '.', 'two'], { cwd });
    expect({ stdout, status }).toEqual({ stdout: 'a: OK\nb b: OK\n', status: 1 });
    expect(stderr).toMatch(/^sluice: gone does not exist.*\nsluice: \. is a directory.*\n$/);
  });

  it('may name standard input, unless they come from there', async () => {
    const cwd = await folder();
    writeFileSync(join(cwd, 'list'), '024d0127  -\n');
    const fromFile = await sluice(['sum', '-c', 'list'], { cwd, input: 'abc' });
    expect(fromFile).toEqual({ stdout: '-: OK\n', stderr: '', status: 0 });
    const fromItself = await sluice(['sum', '-c'], { cwd, input: '024d0127  -\n' });
    expect(fromItself).toMatchObject({ stdout: '', status: 1 });
  });

  it('name no other file where a name is not UTF-8', async () => {
    const cwd = await folder();
    const sum = async (name: string) => (await run('xrdadler32', [name], { cwd })).stdout.slice(0, 8);
    writeFileSync(join(cwd, 'n\ufffd'), 'another');
    const [a, other] = [await sum('a'), await sum('n\ufffd')];
    const list = (...lines: string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
    const lines = [`${a}  a`, `${other}  n\xff`, '# caf\xe9', `${other}  n\xef\xbf\xbd`, 'caf\xe9'];
    expect(await sluice(['sum', '-c'], { cwd, input: list(...lines) })).toEqual({
      stdout: 'a: OK\nn\ufffd: FAILED open or read\nn\ufffd: OK\n',
      stderr: expect.stringMatching(
        /^sluice: The name n\ufffd is not UTF-8.*\nsluice: WARNING: 1 line is improperly.*\n.*1 listed file could not be read\n$/,
      ),
      status: 1,
    });
    const only = await sluice(['sum', '-c', '--ignore-missing'], { cwd, input: list(`${other}  n\xff`) });
    expect(only).toMatchObject({ stdout: 'n\ufffd: FAILED open or read\n', status: 1 });
  });

  it('are cut into lines wherever their bytes arrive in pieces', async () => {
    const cwd = directory();
    const names = Array.from({ length: 3000 }, (_, i) => `${'ü€😀'.repeat(10)}${i}`);
    for (const name of names) writeFileSync(join(cwd, name), 'abc');
    const input = names.map((name) => `024d0127  ${name}\n`).join('');
    const { stdout, stderr, status } = await sluice(['sum', '-c'], { cwd, input });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toBe(names.map((name) => `${name}: OK\n`).join(''));
  });

  it('may hold lines of any length, which are not kept', async () => {
    const cwd = await folder();
    truncateSync(join(cwd, 'a'), 0);
    writeFileSync(join(cwd, 'list'), `00000001  a\n`);
    // More than a string can hold.
    truncateSync(join(cwd, 'list'), 600 * 2 ** 20);
    appendFileSync(join(cwd, 'list'), '\n00000001  a\n');
    expect(await sluice(['sum', '-c', '--warn', 'list'], { cwd })).toEqual({
      stdout: 'a: OK\na: OK\n',
      stderr:
        'sluice: list: 2: improperly formatted checksum line\nsluice: WARNING: 1 line is improperly formatted\n',
      status: 0,
    });
  });

  it('may hold names of which no more than a screenful is told', async () => {
    const cwd = await folder();
    const name = (length: number) => `00000001  ${'x'.repeat(length)}`;
    const input = `${name(50_000)}\n024d0127  a\n${name(2 ** 20)}\n`;
    const { stdout, stderr, status } = await sluice(['sum', '-c'], { cwd, input });
    expect(stdout).toBe(`${'x'.repeat(50_000)}: FAILED open or read\na: OK\n`);
    expect(stderr).toMatch(
      /^sluice: x+ \[…\] x+ can't be looked up .*\nsluice: WARNING: 1 line is improperly .*\n.*1 listed file could not .*\n$/,
    );
    expect(stderr.length).toBeLessThan(2500);
    expect(status).toBe(1);
  });
});
