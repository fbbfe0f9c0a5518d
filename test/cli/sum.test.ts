import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { needs } from '../helpers/needs.js';
import { binary, directory, run, sluice, sluiceUnprivileged } from './run.js';

needs('xrdadler32', 'rhash');

/** Names that coreutils escape, and some that they don't. */
const names = [
  'plain',
  'with blank',
  ' leading',
  'back\\slash',
  'line\nbreak',
  'return\rhere',
  'ünïcode',
  '-dash',
  '*star',
];

function files(): string {
  const cwd = directory();
  names.forEach((name, index) => {
    writeFileSync(join(cwd, name), Buffer.alloc(index * 4097, `${name}${index}`));
  });
  return cwd;
}

/** Standard output of ours with the values taken out, so that it can be held against another program's. */
function withoutValues(text: string): string {
  return text.replace(/[0-9a-f]{8,64}/g, 'HEX');
}

describe('values', () => {
  it("are xrdadler32's, in its layout", async () => {
    const cwd = directory();
    const paths = [0, 1, 4095, 4096, 4097, 1_000_000].map((size) => {
      const path = join(cwd, `f${size}`);
      writeFileSync(path, Buffer.alloc(size, 'some data that is not all the same'));
      return path;
    });
    const theirs = await Promise.all(paths.map((path) => run('xrdadler32', [path])));
    for (const engine of ['kernel', 'userspace']) {
      const ours = await sluice(['sum', '--engine', engine, '--xrd', ...paths]);
      expect(ours).toEqual({ status: 0, stderr: '', stdout: theirs.map(({ stdout }) => stdout).join('') });
    }
  });

  it("of standard input are xrdadler32's too", async () => {
    const input = Buffer.alloc(300_000, 'standard input');
    const theirs = await run('xrdadler32', [], { input });
    for (const args of [[], ['-']]) {
      expect(await sluice(['sum', '--xrd', ...args], { input })).toEqual({ ...theirs, stderr: '' });
    }
  });

  it("are rhash's, line by line", async () => {
    const cwd = files();
    const plain = names.filter((name) => /^[a-z ü]+$/i.test(name) && !name.startsWith(' '));
    for (const algorithm of ['crc32', 'crc32c']) {
      const theirs = await run('rhash', [`--${algorithm}`, '--simple', ...plain], { cwd });
      const ours = await sluice(['sum', '-a', algorithm, ...plain], { cwd });
      expect(ours.stdout).toBe(theirs.stdout);
    }
  });

  it('of several algorithms come from one pass, in the order asked for', async () => {
    const cwd = files();
    const data = readFileSync(join(cwd, 'ünïcode'));
    const { stdout } = await sluice(['sum', '-a', 'crc32,adler32', '-a', 'crc64nvme,crc32', 'ünïcode'], {
      cwd,
    });
    const [first, second, third, end] = stdout.split('\n');
    expect(first).toBe(`CRC32 (ünïcode) = ${crc32(data).toString(16).padStart(8, '0')}`);
    expect(second).toMatch(/^ADLER32 \(ünïcode\) = [0-9a-f]{8}$/);
    expect(third).toMatch(/^CRC64NVME \(ünïcode\) = [0-9a-f]{16}$/);
    expect(end).toBe('');
  });

  it('do not depend on --threads or --cache', async () => {
    const cwd = directory();
    writeFileSync(join(cwd, 'big'), Buffer.alloc(40_000_001, 'many bytes '));
    const expected = await sluice(['sum', 'big'], { cwd });
    expect(expected.status).toBe(0);
    for (const args of [
      ['--threads', '2'],
      ['--cache', 'bypass'],
      ['--engine', 'kernel', '--threads', '2'],
    ]) {
      expect(await sluice(['sum', ...args, 'big'], { cwd })).toEqual(expected);
    }
  });
});

describe('layouts', () => {
  it.each([[[]], [['--tag']], [['--zero']], [['--zero', '--tag']]])("%j is coreutils'", async (options) => {
    const cwd = files();
    const theirs = await run('sha256sum', [...options, '--', ...names], { cwd });
    const ours = await sluice(['sum', ...options, '--', ...names], { cwd });
    expect(withoutValues(ours.stdout)).toBe(withoutValues(theirs.stdout).replaceAll('SHA256', 'ADLER32'));
    expect(ours.status).toBe(0);
  });

  it('--json is an array of objects with values that lose no digit', async () => {
    const cwd = files();
    const args = [
      'sum',
      '--json',
      '--engine',
      'userspace',
      '-a',
      'adler32,crc64nvme',
      'line\nbreak',
      'missing',
      '-',
    ];
    const { stdout, stderr, status } = await sluice(args, { cwd, input: 'x' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 1 });
    const [file, missing, input] = JSON.parse(stdout) as Record<string, unknown>[];
    expect(file).toEqual({
      name: 'line\nbreak',
      checksums: {
        adler32: { hex: expect.stringMatching(/^[0-9a-f]{8}$/), value: expect.stringMatching(/^\d+$/) },
        crc64nvme: { hex: expect.stringMatching(/^[0-9a-f]{16}$/), value: expect.stringMatching(/^\d+$/) },
      },
      bytes: 4 * 4097,
      backend: 'userspace',
      backendReason: 'asked for',
      writers: expect.stringMatching(/^(none|unknown)$/),
      cache: 'used',
      durationNs: expect.any(Number),
    });
    const { hex, value } = (file as { checksums: { crc64nvme: { hex: string; value: string } } }).checksums
      .crc64nvme;
    expect(BigInt(value)).toBe(BigInt(`0x${hex}`));
    expect(missing).toEqual({
      name: 'missing',
      error: { code: 'ERR_SLUICE_NOT_FOUND', message: expect.stringContaining('missing does not exist') },
    });
    expect(input).toMatchObject({ name: '-', bytes: 1, backend: 'userspace', writers: 'unknown' });
  });

  it('are in the order of the names, standard input in its place and empty the second time', async () => {
    const cwd = files();
    const { stdout } = await sluice(['sum', 'plain', '-', 'ünïcode', '-', 'with blank'], {
      cwd,
      input: 'abc',
    });
    expect(stdout.split('\n').map((line) => line.slice(10))).toEqual([
      'plain',
      '-',
      'ünïcode',
      '-',
      'with blank',
      '',
    ]);
    expect(stdout.split('\n')[1]).toBe('024d0127  -');
    expect(stdout.split('\n')[3]).toBe('00000001  -');
  });

  it('read one file from where standard input stands', async () => {
    const cwd = files();
    const script = `head -c 4096 /dev/null; exec 0< 'ünïcode'; dd bs=4097 count=1 status=none of=/dev/null; "$@"`;
    const { stdout } = await run('sh', ['-c', script, 'sh', 'xrdadler32'], { cwd });
    const ours = await run('sh', ['-c', script, 'sh', process.execPath, binary, 'sum', '--xrd'], {
      cwd,
    });
    expect(ours.stdout).toBe(stdout);
  });
});

describe('bad input', () => {
  it('stops nothing but the file concerned, and the status is 1', async () => {
    const cwd = files();
    mkdirSync(join(cwd, 'directory'));
    await run('mkfifo', ['fifo'], { cwd });
    const bad = ['missing', 'directory', 'fifo', '/dev/zero', '', 'plain/below'];
    const { stdout, stderr, status } = await sluice(['sum', 'plain', ...bad, 'ünïcode'], { cwd });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^[0-9a-f]{8} {2}plain\n[0-9a-f]{8} {2}ünïcode\n$/);
    const lines = stderr.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines).toHaveLength(bad.length);
    lines.forEach((line, index) => {
      expect(line).toMatch(/^sluice: .+\. .+[.)]?$/);
      expect(line).toContain(bad[index]);
    });
  });

  it('that may not be read is said to be so', async () => {
    const cwd = files();
    await run('chmod', ['0', 'plain'], { cwd });
    const { stdout, stderr, status } = await sluiceUnprivileged(['sum', 'plain', 'ünïcode'], { cwd });
    expect(stderr).toMatch(/^sluice: plain may not be read by this user/);
    expect(stdout).toMatch(/ünïcode/);
    expect(status).toBe(1);
  });

  it('on standard input is an error, never the value of nothing', async () => {
    const cwd = directory();
    const command = `exec "$@" < '${cwd}'`;
    const { stdout, stderr, status } = await run('sh', [
      '-c',
      command,
      'sh',
      process.execPath,
      binary,
      'sum',
    ]);
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    expect(stderr).toMatch(/^sluice: Standard input is a directory/);
  });

  it('that would steer the terminal is shown instead', async () => {
    const { stderr } = await sluice(['sum', 'gone\u001b[2J\nnext']);
    expect(stderr).toBe("sluice: 'gone'$'\\033''[2J'$'\\n''next' does not exist. Check the path.\n");
  });

  it('is a file that somebody writes to', async () => {
    const cwd = files();
    const descriptor = openSync(join(cwd, 'plain'), 'r+');
    const { stdout, stderr, status } = await sluice(['sum', 'plain'], { cwd });
    closeSync(descriptor);
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    expect(stderr).toMatch(/open for writing/);
  });
});

describe('an engine that is not to be had', () => {
  it('ends the command once, with status 3', async () => {
    const cwd = files();
    const args = ['sum', '--engine', 'kernel', 'plain', 'ünïcode'];
    const { stdout, stderr, status } = await sluiceUnprivileged(args, { cwd });
    expect({ stdout, status }).toEqual({ stdout: '', status: 3 });
    expect(stderr).toMatch(/^sluice: .*CAP_BPF and CAP_PERFMON.*\n$/);
  });

  it('is the kernel for standard input, which is a stream', async () => {
    const cwd = files();
    for (const names of [[], ['-'], ['plain', '-']]) {
      const given = ['sum', '--engine', 'kernel', ...names];
      const { stdout, stderr, status } = await sluice(given, { cwd, input: 'x' });
      expect({ stdout, status }).toEqual({ stdout: '', status: 3 });
      expect(stderr).toMatch(/^sluice: Standard input is read as a stream/);
    }
    // In a list it is one file of many.
    writeFileSync(join(cwd, 'list'), '00780079  -\n');
    const { stdout, status } = await sluice(['sum', '-c', '--engine', 'kernel', 'list'], { cwd, input: 'x' });
    expect({ stdout, status }).toEqual({ stdout: '-: FAILED open or read\n', status: 1 });
  });
});

describe('-v', () => {
  it('says on standard error what summed each file, and what is known of writers', async () => {
    const cwd = directory();
    writeFileSync(join(cwd, 'mine'), 'some data');
    const args = ['sum', '-v', '--engine', 'userspace', 'mine'];
    const { stdout, stderr, status } = await sluice([...args, '-', 'gone'], { cwd, input: 'piped' });
    expect({ stdout: withoutValues(stdout), status }).toEqual({ stdout: 'HEX  mine\nHEX  -\n', status: 1 });
    expect(stderr.split('\n')).toEqual([
      'sluice: mine: 9 bytes summed in user space (asked for); nobody could write to it meanwhile',
      'sluice: Standard input: 5 bytes summed in user space (standard input is read as a stream)',
      expect.stringMatching(/^sluice: gone does not exist\./),
      '',
    ]);
  });

  it('and that they could not be ruled out where no lease proves anything', async () => {
    const { stdout, stderr } = await sluice(['sum', '-v', '--json', '/proc/sys/kernel/ostype']);
    expect(JSON.parse(stdout)).toMatchObject([{ writers: 'unknown' }]);
    expect(stderr).toMatch(/did not move, but other writers could not be ruled out\n$/);
  });
});
