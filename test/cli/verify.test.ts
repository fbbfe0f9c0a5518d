import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mounted } from '../files/staging/mounts.js';
import { plantRot } from '../files/xattr/rot.js';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { endless, tree } from './checksummed-tree.js';
import { binary, directory, programPath, run, sluice, sluiceUnprivileged } from './run.js';

needs('setfattr', 'xrdadler32', 'python3', 'mkfs.ext4');

describe('a tree', () => {
  it('that is well has nothing to tell but totals', async () => {
    const cwd = await tree(6, 1000);
    expect(await sluice(['verify', 'tree'], { cwd })).toEqual({
      stdout: '6 files, 6.0 kB compared: 6 ok\n',
      stderr: '',
      status: 0,
    });
  });

  it('has its rot, and everything else, told file by file', async () => {
    const cwd = await tree(9, 1000);
    const at = (name: string) => join(cwd, 'tree', name);
    plantRot(at('0/0'), 10);
    appendFileSync(at('0/3'), 'changed');
    await sluice(['attr', 'clear', at('0/6')]);
    await run('setfattr', ['-n', 'user.sluice', '-v', 'v9', at('1/1')]);
    symlinkSync('/etc/passwd', at('1/link'));
    const writer = openSync(at('1/4'), 'r+');
    const { stdout, stderr, status } = await sluice(['verify', 'tree'], { cwd });
    closeSync(writer);
    expect({ stderr, status }).toEqual({ stderr: '', status: 1 });
    expect(
      stdout.replace(/[0-9a-f]{8}/g, 'HEX'),
    ).toBe(`tree/0/0: rot: sluice adler32 HEX, but the file has HEX; \
storm adler32 HEX, but the file has HEX (or it was changed: this profile keeps no time)
tree/0/3: stale: sluice adler32 HEX
tree/0/6: missing
tree/1/1: malformed: user.sluice
tree/1/4: busy
9 files, 7.0 kB compared: 4 ok, 1 busy, 1 missing, 1 stale, 1 malformed, 1 rot; not all was verified: \
1 of 9 files has no checksum; --store gives it one
`);

    const lines = (await sluice(['verify', '--json', 'tree'], { cwd })).stdout.trim().split('\n');
    const objects = lines.map((line) => JSON.parse(line));
    expect(objects.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'tree/0/0 rot',
      'tree/0/3 stale',
      'tree/0/6 missing',
      'tree/1/1 malformed',
      'undefined undefined',
    ]);
    expect(objects.at(-1).totals).toMatchObject({
      files: 9,
      ok: 5,
      rot: 1,
      stale: 1,
      missing: 1,
      malformed: 1,
    });
  });

  it('may hold what this user can not read', async () => {
    const cwd = await tree(6, 1000);
    chmodSync(join(cwd, 'tree/0'), 0);
    chmodSync(join(cwd, 'tree/1/1'), 0);
    const { stdout, status } = await sluiceUnprivileged(['verify', 'tree'], { cwd });
    expect(status).toBe(1);
    expect(stdout.split('\n').map((line) => line.split('. ')[0])).toEqual([
      'tree/0: unreadable: tree/0 may not be read by this user',
      'tree/1/1: unreadable: tree/1/1 may not be read by this user',
      '5 files, 3.0 kB compared: 3 ok, 2 unreadable',
      '',
    ]);
  });

  it('may hold what no checksum can be kept with by this user', async () => {
    const cwd = await tree(3, 1000);
    await sluice(['attr', 'clear', 'tree/1/1'], { cwd });
    chmodSync(join(cwd, 'tree/1/1'), 0o444);
    const { stdout, status } = await sluiceUnprivileged(['verify', '--store', 'tree'], { cwd });
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^tree\/1\/1: refused: The attribute user\.sluice may not .*\n3 files, 2\.0 kB compared: 2 ok, 1 refused\n$/,
    );
  });

  it('may hold names that would pass for lines', async () => {
    const cwd = await tree(1, 1000);
    const name = join(cwd, 'tree/x: ok\nforged');
    writeFileSync(name, 'x', { mode: 0 });
    const { stdout } = await sluiceUnprivileged(['verify', 'tree'], { cwd });
    expect(stdout).toMatch(
      /^\\tree\/x: ok\\nforged: unreadable: tree\/x: ok\\nforged may not .+\n2 files, .+\n$/,
    );
  });

  it('gets what is missing, on demand', async () => {
    const cwd = await tree(3, 1000);
    await sluice(['attr', 'clear', 'tree/0/0', 'tree/1/1'], { cwd });
    const store = ['verify', '--store', '--profile', 'storm,xrdcks', 'tree'];
    expect((await sluice(store, { cwd })).stdout).toBe('3 files, 1.0 kB compared: 1 ok, 2 stored\n');
    expect((await sluice(store, { cwd })).stdout).toBe('3 files, 3.0 kB compared: 3 ok\n');
    expect((await run('xrdadler32', ['tree/0/0'], { cwd })).stdout).toBe(
      (await sluice(['sum', '--xrd', 'tree/0/0'], { cwd })).stdout,
    );
  });

  it.each<[string, string[], string]>([
    ['no file has a checksum', [], 'none of 3 files has a checksum; --store gives them one'],
    [
      'none has one of those asked for',
      ['--profile', 'human,storm', '-a', 'crc32'],
      'none of 3 files has a checksum of profile human, storm and algorithm crc32; --store gives them one',
    ],
  ])('may be one of which nothing is verified, as %s, and the last line says so', async (_, args, words) => {
    const cwd = await tree(3, 1000);
    if (args.length === 0) await sluice(['attr', 'clear', 'tree/0/0', 'tree/1/1', 'tree/2/2'], { cwd });
    const { stdout, status } = await sluice(['verify', ...args, 'tree'], { cwd });
    const said = `nothing was verified: ${words}`;
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(`3 files, 0 B compared: 3 missing; ${said}`);
    expect(status).toBe(0);
    const lines = (await sluice(['verify', '--json', ...args, 'tree'], { cwd })).stdout.trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) as string)).toMatchObject({ totals: { missing: 3 }, note: said });
  });

  it('may be without files, or with none that can be compared', async () => {
    const cwd = await tree(3, 1000);
    mkdirSync(join(cwd, 'nothing'));
    const lastOf = async (folder: string) =>
      (await sluice(['verify', folder], { cwd })).stdout.trimEnd().split('\n').at(-1);
    expect(await lastOf('nothing')).toBe('0 files, 0 B compared; nothing was verified: there are no files');
    for (const name of ['0/0', '1/1', '2/2']) appendFileSync(join(cwd, 'tree', name), 'changed');
    await sluice(['attr', 'clear', '--profile', 'storm', 'tree/0/0', 'tree/1/1', 'tree/2/2'], { cwd });
    await sluice(['attr', 'clear', 'tree/2/2'], { cwd });
    expect(await lastOf('tree')).toBe(
      '3 files, 0 B compared: 1 missing, 2 stale; nothing was verified: none of 3 files has a checksum that could be compared; 1 of 3 files has no checksum; --store gives it one',
    );
  });

  it('of many files takes no more memory than one of few', async () => {
    const cwd = directory();
    mkdirSync(join(cwd, 'few'));
    mkdirSync(join(cwd, 'many'));
    // Links to one file: what counts is how many names there are.
    writeFileSync(join(cwd, 'file'), 'x');
    await sluice(['attr', 'set', 'file'], { cwd });
    for (let i = 0; i < 10_000; i++) {
      for (const folder of i < 100 ? ['few', 'many'] : ['many'])
        linkSync(join(cwd, 'file'), join(cwd, folder, `${i}`));
    }
    const peak = async (folder: string) => {
      // A heap in which nothing can be kept for each of many files, and that is not let grow because memory is plenty.
      const heap = ['--max-old-space-size=16', '--max-semi-space-size=1'];
      const args = [programPath('peak.py'), process.execPath, ...heap, binary, 'verify', folder];
      const [totals, kilobytes] = (await run('python3', args, { cwd })).stdout.split('\n');
      return { totals, kilobytes: Number(kilobytes) };
    };
    const [few, many] = [await peak('few'), await peak('many')];
    expect(few.totals).toBe('100 files, 100 B compared: 100 ok');
    expect(many.totals).toBe('10000 files, 10.0 kB compared: 10000 ok');
    expect(many.kilobytes - few.kilobytes).toBeLessThan(64 * 1024);
  });
});

it('folders deeper than there are descriptors for are unreadable, and what comes after them is verified', async () => {
  const cwd = await tree(3, 1000);
  mkdirSync(join(cwd, 'tree', 'd/'.repeat(300)), { recursive: true });
  writeFileSync(join(cwd, 'tree/z'), 'z');
  await sluice(['attr', 'set', 'tree/z'], { cwd });
  plantRot(join(cwd, 'tree/z'), 0);
  const few = ['-c', 'ulimit -n 200; exec "$@"', 'bash', process.execPath, binary];
  const { stdout, stderr, status } = await run('bash', [...few, 'verify', '--journal', 'j', 'tree'], { cwd });
  expect({ stderr, status }).toEqual({ stderr: '', status: 1 });
  expect(stdout.split('\n').map((line) => line.split('. ')[0])).toEqual([
    expect.stringMatching(
      /^tree\/(d\/){99}d: unreadable: .* lies in more folders than half the number of files/,
    ),
    expect.stringMatching(/^tree\/z: rot: /),
    '5 files, 3.0 kB compared: 3 ok, 1 unreadable, 1 rot',
    '',
  ]);
});

it('what is no folder is unreadable, and the folders after it are verified', async () => {
  const cwd = await tree(3, 1000);
  const folders = ['tree/0', 'absent', 'tree/1/1', 'tree/2'];
  const { stdout, stderr, status } = await sluice(['verify', '--journal', 'j', ...folders], { cwd });
  expect({ stdout, stderr, status }).toEqual({
    stdout: `absent: unreadable: absent does not exist. Check the path.
tree/1/1: unreadable: tree/1/1 is no directory. Name a folder; single files are for \`sluice attr verify\`.
4 files, 2.0 kB compared: 2 ok, 2 unreadable
`,
    stderr: '',
    status: 1,
  });
});

describe('a file system without O_DIRECT', () => {
  const disk = mounted(temporaryFolder(), 'ext4', 64, 'data=journal');

  it('is read through the page cache, which is said', async () => {
    writeFileSync(join(disk, 'file'), 'content');
    await sluice(['attr', 'set', 'file'], { cwd: disk });
    const bypass = ['verify', '--max-rate', '1M', '--cache', 'bypass', '-x', disk];
    const { stdout } = await sluice(bypass);
    expect(stdout).toContain('1 ok; 1 read through the page cache, which could not be bypassed');
    const [line = ''] = (await sluice([...bypass, '--json'])).stdout.trim().split('\n');
    expect(JSON.parse(line).totals).toMatchObject({ ok: 1, fellBack: 1 });
  });
});

it('the rate is kept by all threads together', async () => {
  const cwd = await tree(12, 1_000_000);
  const start = performance.now();
  expect((await sluice(['verify', '--max-rate', '10M', '-j', '4', 'tree'], { cwd })).status).toBe(0);
  // The last piece is let through before it is paid for.
  expect((performance.now() - start) / 1000).toBeGreaterThan(1.1);
});

it('a terminal sees how it gets on, in the middle of a file too', async () => {
  const cwd = await tree(1, 1000);
  await endless(cwd, 'tree/1/endless');
  const verify = `'${process.execPath}' '${binary}' verify --max-rate 10M tree`;
  const command = `stty cols 100; echo $$ > pid; TERM=xterm exec ${verify} > result`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = /[1-9][0-9.]* MB read at [0-9.]+ [kM]?B\/s, 1 file, 1.0 kB compared: 1 ok/;
  let shown = '';
  let seen = false;
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (seen || !line.test(shown)) return;
    seen = true;
    process.kill(Number(readFileSync(join(cwd, 'pid'), 'utf8')), 'SIGINT');
  });
  expect(await once(child, 'close')).toEqual([130, null]);
  expect(seen).toBe(true);
  expect(shown.endsWith('\r\u001b[K')).toBe(true);
  expect(readFileSync(join(cwd, 'result'), 'utf8')).toBe('');
});

it('--idle puts every thread into the idle I/O class', async () => {
  const cwd = await tree(1, 1000);
  await endless(cwd, 'tree/0/endless');
  const child = spawn(process.execPath, [binary, 'verify', '--idle', 'tree'], { cwd });
  const classes = async () => {
    const threads = readdirSync(`/proc/${child.pid}/task`);
    return (await run('ionice', ['-p', ...threads])).stdout.trim().split('\n');
  };
  try {
    while (!(await classes()).every((each) => each === 'idle')) expect(child.exitCode).toBeNull();
    expect((await classes()).length).toBeGreaterThan(3);
  } finally {
    child.kill();
    await once(child, 'close');
  }
});

it.each([
  [['verify'], "missing required argument 'DIR'"],
  [['verify', '--max-rate', '0', '.'], 'A rate is a number of bytes a second above 0'],
  [['verify', '--max-rate', '5x', '.'], 'A rate is a number of bytes a second above 0'],
  [['verify', '--store', '-a', 'crc32', '--profile', 'sluice,storm', '.'], 'storm has no place for crc32'],
  [['verify', '-j', '0', '.'], 'The option threads is a whole number from 1 to'],
])('%j is refused', async (args, reason) => {
  const { stderr, status } = await sluice(args, { cwd: directory() });
  expect(stderr).toContain(reason);
  expect(status).toBe(2);
});
