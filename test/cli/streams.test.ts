/** Standard input and output that are closed, or full: what coreutils say then. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needs } from '../helpers/needs.js';
import { binary, directory, type Outcome, programPath, run } from './run.js';

needs('python3');

/** Runs a line of a shell that has the files f and list, and the command as `sluice`. */
function shell(line: string): Promise<Outcome> {
  const cwd = directory();
  writeFileSync(join(cwd, 'f'), 'abc');
  writeFileSync(join(cwd, 'list'), '024d0127  f\n');
  const sluice = `sluice() { '${process.execPath}' '${binary}' "$@"; }`;
  return run('bash', ['-c', `${sluice}; ${line}`], { cwd });
}

describe('standard input that is closed', () => {
  it.each(['sum', 'sum -', 'sum --json -', 'sum -c', 'sum - f'])('is an error: %s', async (args) => {
    const { stdout, stderr, status } = await shell(`sluice ${args} <&-`);
    expect(status).toBe(1);
    expect(stdout + stderr).toContain('Standard input is not open for reading');
    expect(stdout).not.toContain('00000001');
  });

  it.each(['sum f <&-', 'sum - < /dev/null', 'sum - <> f'])(
    'is an error only where it is read: %s',
    async (args) => {
      expect(await shell(`sluice ${args}`)).toMatchObject({ stderr: '', status: 0 });
    },
  );

  it('is no error where a program gave an empty one that is open for reading and writing', async () => {
    const args = [programPath('with-null.py'), process.execPath, binary, 'sum', '-'];
    expect(await run('python3', args)).toEqual({ stdout: '00000001  -\n', stderr: '', status: 0 });
  });

  it('is an error where a shell has been replaced by the command, too', async () => {
    const line = `exec '${process.execPath}' '${binary}' sum - <&-`;
    expect(await run('sh', ['-c', line])).toMatchObject({ stdout: '', status: 1 });
  });
});

it.each([
  ['sum - <> /dev/null', '00000001  -\n'],
  ['sum f 1<> /dev/null', ''],
])('a parent that can not be seen has closed nothing: %s', async (args, stdout) => {
  const line = `unshare -pf --mount-proc '${process.execPath}' '${binary}' ${args}`;
  expect(await shell(line)).toEqual({ stdout, stderr: '', status: 0 });
});

describe('standard output', () => {
  const writing = [
    'sum f',
    'sum --json f',
    'sum -c list',
    'attr get f',
    'attr get --json f',
    'verify .',
    'verify --json .',
    'copy f g',
    'probe',
    'probe --json',
    '--version',
    'sum --help',
  ];

  it.each(writing)('that is closed is an error: %s', async (args) => {
    const { stderr, status } = await shell(`sluice ${args} >&-`);
    expect({ stderr, status }).toEqual({ stderr: 'sluice: write error: Bad file descriptor\n', status: 1 });
  });

  it.each(writing)('that is full is an error: %s', async (args) => {
    const { stderr, status } = await shell(`sluice ${args} > /dev/full`);
    expect({ stderr, status }).toEqual({
      stderr: 'sluice: write error: No space left on device\n',
      status: 1,
    });
  });

  it.each(['sum -c --status list >&-', 'sum -c --quiet list > /dev/full', 'attr clear f >&-'])(
    'is not missed where nothing is said: %s',
    async (args) => {
      expect(await shell(`sluice ${args}`)).toEqual({ stdout: '', stderr: '', status: 0 });
    },
  );

  it.each(['> /dev/null', '>> /dev/null', '<&- > /dev/null'])('may be thrown away: %s', async (where) => {
    expect(await shell(`sluice sum f ${where}`)).toEqual({ stdout: '', stderr: '', status: 0 });
  });

  it('may be thrown away by a program that is no shell', async () => {
    const f = join(directory(), 'f');
    writeFileSync(f, 'abc');
    const command = [process.execPath, binary, 'sum', f];
    const quiet = { stdout: '', stderr: '', status: 0 };
    expect(await run('python3', [programPath('with-null.py'), '--output', ...command])).toEqual(quiet);
    expect(await run(process.execPath, [programPath('ignoring.mjs'), ...command])).toEqual(quiet);
  });
});
