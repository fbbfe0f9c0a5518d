/** Blocks of a file become another's, or change places with them: xfs does that in several ways, and no byte is written. */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ObserveOptions } from '../../lib/observe/index.js';
import { needs } from '../helpers/needs.js';
import { adlerOf, keptAdler, Observed } from './observing.js';
import { canExchange, kindsFor, xfsImage } from './places.js';

needs('mkfs.xfs', 'xfs_io', 'python3');

const kinds = kindsFor('xfs');
const settings: ObserveOptions[] =
  kinds.length > 0 ? kinds.map((hooks) => ({ hooks, method: 'follow' })) : [{ method: 'reread' }];

const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'pipe' });

/** xfs_io ends with 0 although a command failed; what it says of that stands in its output for errors. */
function xfsIo(file: string, command: string): void {
  const { status, stderr } = spawnSync('xfs_io', ['-c', command, file], { encoding: 'utf8' });
  if (status !== 0 || stderr !== '') throw new Error(`xfs_io -c '${command}' ${file} said: ${stderr}`);
}

/** XFS_IOC_EXCHANGE_RANGE, of all that two files hold; they stay open until a line is read. */
const exchange = `
import fcntl, os, struct, sys
one, other = (os.open(path, os.O_RDWR) for path in sys.argv[1:])
fcntl.ioctl(other, 0x40285881, struct.pack('iIQQQQ', one, 0, 0, 0, os.fstat(one).st_size, 0))
print('exchanged', flush=True)
sys.stdin.readline()
`;

const ways: Readonly<Record<string, (from: string, to: string) => void>> = {
  FICLONE: (from, to) => run('cp', '--reflink=always', from, to),
  FICLONERANGE: (from, to) => xfsIo(to, `reflink ${from} 0 65536 65536`),
  XFS_IOC_SWAPEXT: (from, to) => xfsIo(to, `swapext ${from}`),
  ...(canExchange && {
    XFS_IOC_EXCHANGE_RANGE: (from, to) => run('python3', '-c', exchange, from, to),
  }),
};

describe.each(settings)('with %j,', (setting) => {
  it('two files have the attributes of what they hold, whichever way they got blocks of one another', async () => {
    const disk = xfsImage.make();
    onTestFinished(() => xfsImage.remove(disk));
    const root = mkdtempSync(join(disk, 'tree-'));
    const observed = new Observed(root, { ...setting, profiles: ['storm'] });
    const areRight = async (paths: readonly string[], way: string) => {
      for (const path of paths)
        await expect.poll(() => keptAdler(path), { message: `${way}, ${path}` }).toBe(adlerOf(path));
    };
    /** Two files with their values kept. */
    const twoFiles = async (way: string): Promise<[string, string]> => {
      const paths = ['one', 'other'].map((name) => join(root, `${way}-${name}`)) as [string, string];
      for (const path of paths) writeFileSync(path, randomBytes(1 << 18));
      await areRight(paths, 'made');
      return paths;
    };

    for (const [way, act] of Object.entries(ways)) {
      const [from, to] = await twoFiles(way);
      const before = adlerOf(to);
      act(from, to);
      expect(adlerOf(to), way).not.toBe(before);
      await areRight([from, to], way);
    }

    const [from, to] = await twoFiles('FIDEDUPERANGE');
    run('cp', '--reflink=never', from, to);
    await areRight([from, to], 'copied');
    xfsIo(to, `dedupe ${from} 0 0 262144`);
    await areRight([from, to], 'FIDEDUPERANGE');

    if (!setting.hooks || !canExchange) return;
    // Programs see it while the files are open still.
    const paths = await twoFiles('open');
    const child = spawn('python3', ['-c', exchange, ...paths], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    for await (const _ of createInterface(child.stdout)) {
      for (const path of paths) await expect.poll(() => keptAdler(path)).toBeUndefined();
      child.stdin.end();
    }
    expect(await ended).toEqual([0, null]);
    await areRight(paths, 'closed');
    expect(observed.events.filter(({ type }) => type === 'unknown')).toEqual([]);
  });
});
