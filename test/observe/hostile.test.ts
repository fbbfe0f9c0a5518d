/** One user does what he can to keep the observer busy: another's files have their values all the same. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { adlerOf, keptAdler, Observed } from './observing.js';

needs('python3');

const base = temporaryFolder();
chmodSync(base, 0o755);
const program = fileURLToPath(new URL('programs/hostile.py', import.meta.url));
const [hostile, other] = [65533, 65532];

function folderOf(root: string, owner: number): string {
  const path = join(root, String(owner));
  mkdirSync(path);
  chownSync(path, owner, owner);
  return path;
}

/** A program of a user, which ends when its input does. */
const as = (owner: number, command: string, ...args: string[]) =>
  spawn(command, args, { uid: owner, gid: owner, detached: true, stdio: ['pipe', 'pipe', 'inherit'] });

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.stdin?.end();
  await once(child, 'close');
}

it.each(['auto', 'reread'] as const)(
  'uploads have right values while another user does what he can, with the method %s',
  async (method) => {
    const root = join(base, method);
    mkdirSync(root);
    const [his, theirs] = [folderOf(root, hostile), folderOf(root, other)];
    const observed = new Observed(root, { method, profiles: ['storm'] });
    const attack = as(hostile, 'python3', program, his);
    const uploads = as(other, 'sh');
    onTestFinished(() => Promise.all([attack, uploads].map(end)).then(() => {}));
    const closed = createInterface(uploads.stdout)[Symbol.asyncIterator]();
    await observed.first(({ type }) => type === 'value');
    const took: number[] = [];
    for (let n = 0; n < 50; n++) {
      const path = join(theirs, String(n));
      uploads.stdin.write(`head -c ${n % 10 === 9 ? 10_000_000 : 16_384} /dev/urandom > ${path}; echo\n`);
      await closed.next();
      const begin = performance.now();
      await observed.value(path);
      took.push(performance.now() - begin);
      expect(await keptAdler(path)).toBe(adlerOf(path));
    }
    took.sort((a, b) => a - b);
    console.info(
      `${method}: from the close to the value, p50 ${took[25]?.toFixed(1)}, p99 ${took[49]?.toFixed(1)} ms`,
    );
    // How soon is to be seen; a time decides nothing. Whatever the other does goes on until here.
    expect(attack.exitCode).toBeNull();
    await end(attack);
    for (const name of ['small-1', 'linked-0', 'renamed-0', 'folder-0/file']) {
      const path = join(his, name);
      await expect.poll(() => keptAdler(path), { message: name }).toBe(adlerOf(path));
    }
  },
);
