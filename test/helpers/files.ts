import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder for one test file, on the file system named by `base`, gone when its tests are over. */
export function temporaryFolder(base: string = tmpdir()): string {
  const folder = mkdtempSync(join(base, 'sluice-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes a new folder in another one. */
export function folderIn(base: string): string {
  return mkdtempSync(join(base, 'folder-'));
}

let names = 0;

/** Writes a new file and returns its path. A number asks for that many random bytes. */
export function fileOf(folder: string, content: Uint8Array | number): string {
  const path = join(folder, `file-${names++}`);
  writeFileSync(path, typeof content === 'number' ? randomBytes(content) : content);
  return path;
}

/**
 * What this process has open right now, by what each descriptor leads to. The pipes that the pool's threads keep, made
 * whenever one first needs them, are left out, as is what BPF objects hold that another file's tests have forgotten,
 * until it is collected; test/engine/kernel.test.ts counts them.
 */
export function openDescriptors(): string[] {
  const found: string[] = [];
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      if (!/^(pipe:|\/dev\/null$|anon_inode:(b(pf|tf)|\[perf_event))/.test(target)) found.push(target);
    } catch {
      // the descriptor by which the folder was read
    }
  }
  return found.sort();
}

/** Waits until some thread holds a read lease on the file, as the kernel lists them: without a pause, not to miss it. */
export function waitForLease(inode: number): void {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    if (readFileSync('/proc/locks', 'utf8').match(new RegExp(`LEASE .*:${inode} `))) return;
  }
  throw new Error('nobody took a lease');
}
