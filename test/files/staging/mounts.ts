import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';

let mounts = 0;

/**
 * A file system of so many MiB in an image of its own, or what bindfs shows of a folder; unmounted after the tests of the
 * file or `describe` that calls it. Not to be called in a test: what that registers for the end comes too late.
 */
export function mounted(
  folder: string,
  kind: 'ext4' | 'xfs' | 'btrfs' | 'tmpfs' | 'bindfs',
  megabytes = 64,
  options = 'rw',
): string {
  const at = join(folder, `mount-${mounts++}`);
  mkdirSync(at);
  // A sanitizer preloaded into us would find the leaks of mkfs.
  const env = { ...process.env, LD_PRELOAD: '' };
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'pipe', env });
  if (kind === 'bindfs') {
    mkdirSync(`${at}-under`);
    run('bindfs', '-o', options, `${at}-under`, at);
  } else if (kind === 'tmpfs') {
    run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', at);
  } else {
    run('truncate', '-s', `${megabytes}M`, `${at}.img`);
    run(`mkfs.${kind}`, '-q', `${at}.img`);
    run('mount', '-o', `loop,${options}`, `${at}.img`, at);
  }
  afterAll(() => {
    run('umount', at);
    rmSync(`${at}.img`, { force: true });
  });
  return at;
}
