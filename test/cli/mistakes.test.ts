/** What is named wrongly on a command line: the sentence says what it is, and the remedy fits the command. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { binary, directory, run, sluice } from './run.js';

/** A folder with something of each kind. */
function things(): string {
  const cwd = directory();
  writeFileSync(join(cwd, 'f'), '123456789');
  writeFileSync(join(cwd, 'empty'), '');
  mkdirSync(join(cwd, 'dir'));
  symlinkSync('f', join(cwd, 'link'));
  symlinkSync('loop', join(cwd, 'loop'));
  execFileSync('mkfifo', [join(cwd, 'fifo')]);
  return cwd;
}

const regular = 'Name a regular file.';
const help = "Try 'sluice observe --help' for more information.";

/** Arguments, exit status, and all that is said of them. */
const mistakes: [string, number, string][] = [
  ['sum dir', 1, 'sluice: dir is a directory. Name the files in it.'],
  [
    'sum fifo',
    1,
    "sluice: fifo is a FIFO, not a regular file. Name a regular file; 'sluice sum -' sums a stream, from standard input.",
  ],
  ['sum f/x', 1, 'sluice: f/x does not exist. Check the path.'],
  ['sum -c dir', 1, 'sluice: dir is a directory. Name the files in it.'],
  ['sum -c f/x', 1, 'sluice: f/x does not exist. Check the path.'],
  ['sum -c empty', 1, 'sluice: empty: no properly formatted checksum lines found'],
  ["attr get ''", 1, "sluice: '' does not exist. Check the path."],
  ['attr set dir', 1, 'sluice: dir is a directory. Name the files in it.'],
  ['attr verify link', 1, `sluice: link is a symbolic link, not a regular file. ${regular}`],
  ['attr clear fifo', 1, `sluice: fifo is a device, a FIFO or a socket. ${regular}`],
  [
    'attr set -a crc32 --profile storm f',
    2,
    "sluice attr: The profile storm has no place for crc32. Try 'sluice attr --help' for more information.",
  ],
  [
    "verify --journal '' .",
    2,
    'sluice verify: The option journal is a path, not "". Try \'sluice verify --help\' for more information.',
  ],
  ['copy dir new', 1, 'sluice: dir is a directory. Name one file: folders are not copied.'],
  ['copy fifo new', 1, `sluice: fifo is a FIFO, not a regular file. ${regular}`],
  ['copy f fifo', 1, `sluice: fifo is a device, FIFO or socket, not a regular file. ${regular}`],
  ['copy f f/x', 1, 'sluice: f is no directory. Name a folder that is there, or a file in one.'],
  ['copy f empty/x/y', 1, 'sluice: empty is no directory. Name a folder that is there, or a file in one.'],
  ['copy f f/', 1, 'sluice: f/ is no directory. Name a folder that is there.'],
  ['copy f new/', 1, 'sluice: new/ does not exist. Check the path.'],
  [
    'copy f new/x',
    1,
    'sluice: The folder of new/x does not exist. Make the folder first, or check the path.',
  ],
  ['copy f f', 1, 'sluice: f and f are the same file. Name another file for the copy.'],
  [
    'copy --verify 1 f new',
    1,
    'sluice: f has the adler32 091e01de, not 00000001, and was not copied. Copy the file from where it is whole, or see whether the value is its adler32 (-a names another).',
  ],
  [
    'copy --verify 123456789 f new',
    2,
    "sluice copy: 123456789 has more digits than a value of adler32. Give --verify a value as 'sluice sum' prints it, of the first algorithm that -a names.",
  ],
  [
    'copy /proc/self/mem "n w"',
    1,
    "sluice: /proc/self/mem could not be copied to 'n w': the relay failed at its source (i/o error, EIO). Check the device and the file system (dmesg).",
  ],
  [
    'bench --report /proc/new',
    2,
    "sluice bench: The folder /proc/new can't be made (ENOENT). Name another folder with --report.",
  ],
  [
    'compare --rounds 0x10 f',
    2,
    "sluice compare: option '--rounds <N>' argument '0x10' is invalid. It is a whole number from 1 to 10000.\nTry 'sluice compare --help' for more information.",
  ],
  ['compare dir', 1, 'sluice: dir is a directory. Name the files in it.'],
  ['compare fifo', 1, `sluice: fifo is a FIFO, not a regular file. ${regular}`],
  [
    'compare empty',
    1,
    'sluice: empty is empty, so there is nothing to measure. Name a file that is not empty.',
  ],
  ['bench --dir f', 2, 'sluice bench: f is no folder. Name a folder with --dir.'],
  ['bench --dir f/x', 2, 'sluice bench: f/x is no folder. Name a folder with --dir.'],
  ['bench --dir gone', 2, 'sluice bench: gone does not exist. Name a folder with --dir.'],
  ['bench --report f', 2, 'sluice bench: f is no folder. Name a folder with --report.'],
  ['bench --report f/x', 2, 'sluice bench: f/x is no folder. Name a folder with --report.'],
  ['observe', 2, `sluice observe: missing required argument 'DIR'\n${help}`],
  ["observe ''", 2, `sluice observe: A folder is a path, not "". ${help}`],
  ['observe gone', 1, 'sluice: gone does not exist. Check the path.'],
  ['observe dir f', 1, 'sluice: f is no directory. Name the folder that it is in.'],
  [
    'observe /proc',
    1,
    'sluice: The file system of /proc does not find files by their handles (name_to_handle_at: operation not supported, ENOTSUP). Observe it where it is stored; `sluice verify --store` sums its files from time to time.',
  ],
  [
    'observe -a md5 dir',
    2,
    `sluice observe: option '-a, --algorithm <NAMES>' argument 'md5' is invalid. There is no algorithm 'md5': choose from adler32, crc32, crc32c, crc64nvme.\n${help}`,
  ],
  [
    'observe --profile none dir',
    2,
    `sluice observe: option '--profile <NAMES>' argument 'none' is invalid. There is no profile 'none': choose from sluice, storm, xrdcks, human.\n${help}`,
  ],
  [
    'observe --method magic dir',
    2,
    `sluice observe: option '--method <METHOD>' argument 'magic' is invalid. Allowed choices are auto, hook, follow, reread.\n${help}`,
  ],
  [
    'observe --hooks raw_tp --method reread dir',
    2,
    `sluice observe: The method reread attaches no programs, so that it has no hooks. ${help}`,
  ],
  [
    'observe --journal /tmp dir',
    2,
    'sluice observe: The journal /tmp is a directory. Name a file of your own, or one that does not exist yet.',
  ],
  [
    'observe --journal gone/j dir',
    2,
    "sluice observe: The journal gone/j can't be kept (open: no such file or directory, ENOENT). Make its folder first.",
  ],
];

describe('what is named wrongly', () => {
  it.each(mistakes)('is told: %s', async (args, status, said) => {
    const cwd = things();
    const before = readdirSync(cwd);
    const outcome = await run('bash', ['-c', `'${process.execPath}' '${binary}' ${args}`], { cwd });
    expect(outcome).toEqual({ stdout: '', stderr: `${said}\n`, status });
    expect(readdirSync(cwd)).toEqual(before);
  });

  it('is told of by verify among the files', async () => {
    const cwd = things();
    const { stdout, status } = await sluice(['verify', 'f', 'gone', 'loop'], { cwd });
    expect(status).toBe(1);
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      'f: unreadable: f is no directory. Name a folder; single files are for `sluice attr verify`.',
      'gone: unreadable: gone does not exist. Check the path.',
    ]);
  });

  it.each([
    ['fifo', 'The journal fifo is a device, a FIFO or a socket'],
    ['/dev/null', 'The journal /dev/null is a device, a FIFO or a socket'],
    ['dir', 'The journal dir is a directory'],
    ['link', 'The journal link is a symbolic link, not a regular file'],
    ['loop', 'The journal loop is a symbolic link, not a regular file'],
    ["a b'", 'The journal "a b\'" is no journal'],
    ['f', 'The journal f is no journal'],
    ['gone/j', "The journal gone/j can't be written"],
    ['f/j', "The journal f/j can't be written"],
  ])('is refused as a journal before anything is read: %s', async (journal, reason) => {
    const cwd = things();
    writeFileSync(join(cwd, "a b'"), 'no journal');
    const before = readdirSync(cwd);
    const { stdout, stderr, status } = await sluice(['verify', '--journal', journal, '.'], { cwd });
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr.startsWith(`sluice verify: ${reason}`)).toBe(true);
    expect(stderr).toMatch(/\. (Name|Remove) .*\n$/);
    expect(readdirSync(cwd)).toEqual(before);
  });

  it('is not written to where a journal leaves its next state', async () => {
    const cwd = things();
    symlinkSync('f', join(cwd, 'one.new'));
    execFileSync('mkfifo', [join(cwd, 'two.new')]);
    for (const journal of ['one', 'two']) {
      expect((await sluice(['verify', '--journal', journal, 'dir'], { cwd })).status).toBe(0);
    }
    expect(execFileSync('cat', ['f'], { cwd }).toString()).toBe('123456789');
  });

  it.each(['sum f', 'attr get f', 'verify .', 'copy f g', 'compare f', 'bench --report r', 'probe --jsno'])(
    'is told without a stack where the folder is gone: %s',
    async (args) => {
      const cwd = directory();
      const script = `mkdir in; cd in; rmdir ../in; '${process.execPath}' '${binary}' ${args}; exit $?`;
      const { stderr } = await run('bash', ['-c', script], { cwd });
      expect(stderr).not.toMatch(/^ +at |node:internal|documentation of the call/m);
    },
  );
});
