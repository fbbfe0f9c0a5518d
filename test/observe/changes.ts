/** Runs the cases of test/observe/programs/, each of which changes a file in another way. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../build/test-observe/changes', import.meta.url));

/** A way to change a file, and what is to become of what was seen of it. */
export interface Change {
  name: string;
  outcome: string;
}

export const changes: readonly Change[] = execFileSync(program, { encoding: 'utf8' })
  .trim()
  .split('\n')
  .map((line) => {
    const [name, outcome] = line.split(' ') as [string, string];
    return { name, outcome };
  });

const unsupported = 77;

/**
 * Changes a file.
 *
 * @param onPause what to do while the change is half done, where it has two halves
 * @returns false if the file system can't do it
 */
export async function change(
  { name }: Pick<Change, 'name'>,
  path: string,
  onPause: () => void = () => {},
): Promise<boolean> {
  const child = spawn(program, [name, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  for await (const line of createInterface(child.stdout)) {
    if (line !== 'pause') throw new Error(`${name} says ${line}`);
    onPause();
    child.stdin.write('\n');
  }
  const [status, signal] = await ended;
  if (status !== 0 && status !== unsupported) throw new Error(`${name} ended with ${signal ?? status}`);
  return status === 0;
}

/** Changes a file in ways that look random: one life after the other, as the seeds have it. */
export async function changeAtRandom(path: string, seeds: readonly number[]): Promise<void> {
  const child = spawn(program, ['random', path, ...seeds.map(String)], { stdio: 'inherit' });
  const [status, signal] = await once(child, 'close');
  if (status !== 0) throw new Error(`seeds ${seeds}: ${signal ?? status}`);
}

/** Several processes change the files of a folder's `in` and `out`. `byPath`: by truncate(2), too. */
export async function stress(
  folder: string,
  seed: number,
  operations: number,
  byPath: boolean,
): Promise<void> {
  const args = ['stress', folder, String(seed), String(operations), ...(byPath ? ['path'] : [])];
  const child = spawn(program, args, { stdio: 'inherit' });
  const [status, signal] = await once(child, 'close');
  if (status !== 0) throw new Error(`seed ${seed}: ${signal ?? status}`);
}
