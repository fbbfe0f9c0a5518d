/** Attributes, against a program that has no line in common with this project. */

import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { keptAdler } from './observing.js';

/** What XRootD's program computes of a file. It is given the bytes alone: of a file it would look at the attributes, too. */
export function xrootdAdler(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const printed = execFileSync('xrdadler32', { stdio: [fd, 'pipe', 'inherit'], encoding: 'utf8' });
    return printed.split(' ')[0] as string;
  } finally {
    closeSync(fd);
  }
}

/** The file, which nobody changes any more, comes to have the attribute of what it holds. */
export async function becomesRight(path: string): Promise<void> {
  const adler = xrootdAdler(path);
  await expect.poll(() => keptAdler(path), { message: path, interval: 5 }).toBe(adler);
}

/** The paths of all regular files of a folder and of those in it. */
export function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** All files of a folder do. Returns how many there are. */
export async function allBecomeRight(folder: string): Promise<number> {
  const files = filesBelow(folder);
  for (const path of files) await becomesRight(path);
  return files.length;
}
