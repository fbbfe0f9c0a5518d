import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directory, run, sluice } from './run.js';

/** A tree of files with checksums, of a size each. */
export async function tree(count: number, size: number): Promise<string> {
  const cwd = directory();
  const names = Array.from({ length: count }, (_, i) => `tree/${i % 3}/${i}`);
  for (const i of [0, 1, 2]) mkdirSync(join(cwd, `tree/${i}`), { recursive: true });
  for (const [i, name] of names.entries()) writeFileSync(join(cwd, name), Buffer.alloc(size, i + 1));
  await sluice(['attr', 'set', '--profile', 'sluice,storm', ...names], { cwd });
  return cwd;
}

/** A file whose verification does not end, because it is as large as a file may be and has a checksum. Returns what removes it. */
export async function endless(cwd: string, name: string): Promise<() => void> {
  const path = join(cwd, name);
  writeFileSync(path, '');
  truncateSync(path, 2 ** 40);
  await run('setfattr', ['-n', 'user.storm.checksum.adler32', '-v', '00000001', path]);
  return () => rmSync(path);
}
