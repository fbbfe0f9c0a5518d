import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes a file to copy. */
export function sourceIn(
  folder: string,
  content: Buffer = randomBytes(3_000_000),
): { path: string; content: Buffer } {
  const path = join(folder, 'source');
  writeFileSync(path, content);
  return { path, content };
}
