import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { binary, directory, type Outcome, run, sluice } from './run.js';

describe('a command line that is wrong ends with status 2, a sentence and a hint', () => {
  it.each<[string[], RegExp]>([
    [['smu'], /unknown command 'smu'\n\(Did you mean sum\?\)/],
    [['help', 'smu'], /unknown command 'smu'/],
    [['help', 'sum', 'attr'], /too many arguments for 'help'/],
    [['sum', '--engin', 'kernel'], /unknown option '--engin'\n\(Did you mean --engine\?\)/],
    [['sum', '-x'], /unknown option '-x'/],
    [['sum', '-a'], /argument missing/],
    [['sum', '-a', 'adler'], /no algorithm 'adler': choose from adler32, crc32, crc32c, crc64nvme/],
    [['sum', '-a', 'adler32,'], /no algorithm ''/],
    [['sum', '-a', 'crc-32'], /no algorithm 'crc-32'/],
    [['sum', '--json', '-b'], /cannot be used with/],
    [['sum', '--xrd', '-t'], /cannot be used with/],
    [['sum', '--tag', '-t'], /--tag does not support --text mode/],
    [['sum', '-c', '-b'], /the --binary and --text options are meaningless when verifying checksums/],
    [['sum', '-c', '-t'], /the --binary and --text options are meaningless when verifying checksums/],
    [['sum', '--engine', 'gpu'], /Allowed choices are auto, kernel, userspace/],
    [['sum', '--cache', 'drop'], /Allowed choices are use, bypass/],
    [['sum', '--threads', '0'], /whole number from 1 to \d+, not 0/],
    [['sum', '--threads', '1e1'], /whole number from 1 to \d+, not "1e1"/],
    [['sum', '--threads', '-1'], /whole number from 1 to \d+, not "-1"/],
    [['sum', '--threads', '1. 2'], /whole number from 1 to \d+, not "1\. 2"\./],
    [['sum', '--threads', '100000'], /whole number from 1 to \d+, not 100000/],
    [['sum', '--json', '--tag'], /'--json' cannot be used with option '--tag'/],
    [['sum', '--json', '--zero'], /cannot be used with/],
    [['sum', '--tag', '--xrd'], /cannot be used with/],
    [['sum', '--xrd', '-a', 'crc32'], /no algorithm but adler32/],
    [['sum', '-c', '--tag'], /the --tag option is meaningless when verifying checksums/],
    [['sum', '-c', '--xrd'], /the --xrd option is meaningless when verifying checksums/],
    [['sum', '-c', '-v'], /the --verbose option is meaningless when verifying checksums/],
    [['sum', '-c', '--json'], /the --json option is meaningless when verifying checksums/],
    [['sum', '--quiet'], /the --quiet option is meaningful only when verifying checksums/],
    [['sum', '--status'], /the --status option is meaningful only when verifying checksums/],
    [['sum', '--strict'], /the --strict option is meaningful only when verifying checksums/],
    [['sum', '-w'], /the --warn option is meaningful only when verifying checksums/],
    [['sum', '--ignore-missing'], /the --ignore-missing option is meaningful only when verifying checksums/],
    [['probe', 'me'], /too many arguments/],
    [['probe', '--jsno'], /Did you mean --json\?/],
    [['copy'], /missing required argument 'SRC'/],
    [['copy', '--verify', '1'], /missing required argument 'SRC'/],
    [['copy', 'f'], /missing required argument 'DST'/],
    [['copy', '--verify', 'xyz', 'f', 'g'], /A value is hexadecimal/],
    [['copy', 'f', 'g', 'h'], /too many arguments/],
    [['copy', '-a', 'crc32', '--profile', 'storm', 'f', 'g'], /storm has no place for crc32/],
    [['attr'], /missing required argument 'ACTION'/],
    [['attr', 'get'], /missing required argument 'FILE'/],
    [['attr', 'destroy', 'f'], /Allowed choices are get, set, verify, clear/],
    [['verify'], /missing required argument 'DIR'/],
    [['verify', '--max-rate', 'fast', '.'], /A rate is a number of bytes a second/],
    [['verify', '--store', '-a', 'crc32', '--profile', 'storm', '.'], /storm has no place for crc32/],
    [['compare'], /missing required argument 'FILE'/],
    [['compare', '--rounds', '0', 'f'], /whole number from 1 to 10000/],
    [['bench', '--size', '3'], /no less than 1M/],
    [['bench', 'here'], /too many arguments/],
    [['sum', '--engine', 'a\u001b[2J\nb'], /'a\\u001b\[2J\\nb' is invalid/],
  ])('%j', async (args, message) => {
    const { stdout, stderr, status } = await sluice(args, { input: 'never read' });
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    const program = args[0] === 'smu' || args[1] === 'smu' ? 'sluice' : `sluice ${args[0]}`;
    expect(stderr.startsWith(`${program}: `)).toBe(true);
    expect(stderr).toMatch(message);
    expect(stderr.endsWith(`Try '${program} --help' for more information.\n`)).toBe(true);
  });

  it('no command at all', async () => {
    const { stdout, stderr, status } = await sluice([]);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(/^Usage: sluice/);
  });
});

describe('a name that is not UTF-8', () => {
  /** Runs it in a folder that has a file by that name, and others whose names it could be taken for. */
  async function amongOthers(command: string): Promise<Outcome> {
    const cwd = directory();
    for (const name of ['n\ufffd', 'n', 'n\u00ff']) writeFileSync(join(cwd, name), 'another');
    await run('bash', ['-c', "printf wanted > $'n\\xff'"], { cwd });
    const outcome = await run('bash', ['-c', `"$@" ${command}`, 'bash', process.execPath, binary], { cwd });
    expect(readdirSync(cwd)).toHaveLength(4);
    expect((await sluice(['attr', 'get', 'n\ufffd'], { cwd })).stdout).toBe('n\ufffd: none\n');
    return outcome;
  }

  it.each([
    ["sum $'n\\xff'", 2],
    ["sum -- n $'n\\xff'", 4],
    ["sum -c $'n\\xff'", 3],
    ["attr set $'n\\xff'", 3],
    ["verify . --journal=$'n\\xff'", 3],
    ["copy $'n\\xff' copied", 2],
    ["copy n $'n\\xff'", 3],
    ["compare $'n\\xff'", 2],
  ])('is refused as an argument: %s', async (command, argument) => {
    const { stdout, stderr, status } = await amongOthers(command);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(new RegExp(`^sluice: Argument ${argument}, ".*n\ufffd", is not UTF-8.*\n$`));
  });

  it('is not one that merely has the character that stands for it', async () => {
    const { stdout, stderr, status } = await amongOthers('sum n\ufffd');
    expect({ stdout, stderr, status }).toEqual({ stdout: '0bb102f2  n\ufffd\n', stderr: '', status: 0 });
  });
});

it('--help of every command goes to standard output with status 0', async () => {
  for (const args of [['--help'], ['sum', '--help'], ['probe', '--help'], ['help', 'sum']]) {
    const { stdout, stderr, status } = await sluice(args);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/^Usage: sluice/);
  }
});

it('without its binary it says so, and ends with status 3', async () => {
  const cwd = directory();
  const root = dirname(dirname(dirname(binary)));
  for (const name of ['dist', 'package.json']) cpSync(join(root, name), join(cwd, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'));
  mkdirSync(join(cwd, 'build'));
  const { stdout, stderr, status } = await run(process.execPath, [join(cwd, 'dist/cli/main.js'), 'sum'], {
    cwd,
  });
  expect({ stdout, status }).toEqual({ stdout: '', status: 3 });
  expect(stderr).toMatch(
    /^sluice: There is no binary of sluice for linux-.*Build it in a clone of the sources: npm run setup && npm run build\n$/,
  );
});

describe('standard output', () => {
  it('that nobody reads any more ends the command quietly', async () => {
    const cwd = directory();
    writeFileSync(join(cwd, 'f'), 'x');
    const script = 'set -o pipefail; "$@" | true';
    const names = Array.from({ length: 2000 }, () => 'f');
    const args = ['-c', script, 'bash', process.execPath, binary, 'sum', ...names];
    const { stderr, status } = await run('bash', args, { cwd });
    expect(stderr).toBe('');
    expect(status).toBe(141);
  });

  it('that is full is an error', async () => {
    const script = '"$@" > /dev/full';
    const { stderr, status } = await run('sh', ['-c', script, 'sh', process.execPath, binary, 'sum'], {
      input: 'x',
    });
    expect(status).toBe(1);
    expect(stderr).toBe('sluice: write error: No space left on device\n');
  });
});

it('an interrupt ends the command with status 130, and JSON that is whole', async () => {
  const cwd = directory();
  writeFileSync(join(cwd, 'f'), 'x');
  const child = spawn(process.execPath, [binary, 'sum', '--json', 'f', '-'], { cwd, stdio: 'pipe' });
  const output: Buffer[] = [];
  // The result of the file shows that it waits for standard input now, which never ends.
  child.stdout.on('data', (chunk: Buffer) => {
    if (output.push(chunk) === 1) child.kill('SIGINT');
  });
  const [status] = (await once(child, 'close')) as [number | null];
  expect(status).toBe(130);
  expect(JSON.parse(Buffer.concat(output).toString())).toMatchObject([{ name: 'f' }]);
});
