import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { plantRot } from '../files/xattr/rot.js';
import { needs } from '../helpers/needs.js';
import { endless, tree } from './checksummed-tree.js';
import { binary, run, sluice } from './run.js';

needs('setfattr');

/** Waits until something holds, however long that takes. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a run with a journal', () => {
  const size = 1_000_000;

  /** Starts a run that does not get beyond the middle, and kills it there. */
  async function killed(cwd: string, args: readonly string[]): Promise<void> {
    const removeEndless = await endless(cwd, 'tree/1/endless');
    const child = spawn(process.execPath, [binary, 'verify', '--max-rate', '4M', '-j', '2', ...args], {
      cwd,
    });
    const files = () => {
      try {
        return JSON.parse(readFileSync(join(cwd, 'journal'), 'utf8')).checkpoint.totals.files;
      } catch {
        return 0;
      }
    };
    await until(() => files() > 0 || child.exitCode !== null);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(child.signalCode).toBe('SIGKILL');
    removeEndless();
  }

  it('goes on after kill -9, and ends with the totals of an unbroken one', async () => {
    const cwd = await tree(15, size);
    plantRot(join(cwd, 'tree/0/0'), 10); // behind the kill
    plantRot(join(cwd, 'tree/2/8'), 10); // before it
    const unbroken = await sluice(['verify', 'tree'], { cwd });
    await killed(cwd, ['--journal', 'journal', 'tree']);
    const resumed = await sluice(['verify', '--journal', 'journal', 'tree'], { cwd });
    const last = ({ stdout }: { stdout: string }) => stdout.trim().split('\n').at(-1);
    expect(last(unbroken)).toBe('15 files, 15.0 MB compared: 13 ok, 2 rot');
    expect(last(resumed)).toBe(last(unbroken));
    expect(resumed.stdout).not.toContain('tree/0/0');
    expect(resumed.stdout).toContain('tree/2/8: rot');
    expect(resumed.status).toBe(1);
    expect(existsSync(join(cwd, 'journal'))).toBe(false);
  });

  it('is not taken up with other options, on another tree, or from what is no journal', async () => {
    const cwd = await tree(15, size);
    await killed(cwd, ['--journal', 'journal', 'tree']);
    const before = readFileSync(join(cwd, 'journal'), 'utf8');
    mkdirSync(join(cwd, 'other'));
    for (const args of [['--profile', 'storm', 'tree'], ['--store', 'tree'], ['other'], ['tree', 'other']]) {
      const { stderr, status } = await sluice(['verify', '--journal', 'journal', ...args], { cwd });
      expect(stderr).toContain('The journal journal is of a run with other folders or options');
      expect(status).toBe(2);
    }
    expect(readFileSync(join(cwd, 'journal'), 'utf8')).toBe(before);
    await run('mv', ['tree', 'moved'], { cwd });
    await run('cp', ['-a', 'moved', 'tree'], { cwd });
    expect((await sluice(['verify', '--journal', 'journal', 'tree'], { cwd })).status).toBe(2);
    for (const text of [
      '',
      'nonsense',
      '{}',
      'null',
      before.slice(0, -1),
      before.replace('"files"', '"fields"'),
    ]) {
      writeFileSync(join(cwd, 'broken'), text);
      const { stderr, status } = await sluice(['verify', '--journal', 'broken', 'tree'], { cwd });
      expect(stderr).toContain('The journal broken is no journal');
      expect(status).toBe(2);
    }
  });

  it('goes on after an interruption', async () => {
    const cwd = await tree(9, size);
    const removeEndless = await endless(cwd, 'tree/1/endless');
    const child = spawn(
      process.execPath,
      [binary, 'verify', '--max-rate', '4M', '--journal', 'journal', 'tree'],
      { cwd },
    );
    await until(() => existsSync(join(cwd, 'journal')));
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);
    removeEndless();
    expect(existsSync(join(cwd, 'journal'))).toBe(true);
    expect((await sluice(['verify', '--journal', 'journal', 'tree'], { cwd })).stdout).toBe(
      '9 files, 9.0 MB compared: 9 ok\n',
    );
  });

  it('ends at once where its journal can not be written any more, whatever is still to be read', async () => {
    // A minute's files, and then one without end.
    const cwd = await tree(60, 100_000);
    await endless(cwd, 'tree/endless');
    mkdirSync(join(cwd, 'kept'));
    const args = ['verify', '--max-rate', '100k', '-j', '2', '--journal', 'kept/journal', 'tree'];
    const child = spawn(process.execPath, [binary, ...args], { cwd });
    const said = text(child.stderr);
    const ended = once(child, 'close');
    await until(() => existsSync(join(cwd, 'kept/journal')));
    renameSync(join(cwd, 'kept'), join(cwd, 'gone'));
    expect(await ended).toEqual([2, null]);
    expect(await said).toMatch(
      /^sluice verify: The journal kept\/journal can't be written \(no such file or directory, ENOENT\)/,
    );
  });

  it('does not begin where its journal can not be written', async () => {
    const cwd = await tree(1, size);
    await endless(cwd, 'tree/0/endless');
    const args = ['verify', '--store', '--journal', 'absent/journal', 'tree'];
    const { stdout, stderr, status } = await sluice(args, { cwd });
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(
      /^sluice verify: The journal absent\/journal can't be written \(no such file or directory, ENOENT\)/,
    );
  });

  it('leaves alone what has a name like that of the journal', async () => {
    const cwd = await tree(1, size);
    writeFileSync(join(cwd, 'journal.new'), 'of somebody else');
    const { status } = await sluice(['verify', '--journal', 'journal', 'tree'], { cwd });
    expect(status).toBe(0);
    expect(readFileSync(join(cwd, 'journal.new'), 'utf8')).toBe('of somebody else');
    expect(readdirSync(cwd).sort()).toEqual(['journal.new', 'tree']);
  });
});
