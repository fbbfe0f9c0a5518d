import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createChecksum } from '../../lib/index.js';
import { temporaryFolder } from '../helpers/files.js';
import { start } from '../helpers/program.js';

const folder = temporaryFolder();
const chunks = 600_000;

test('a body of chunks of one byte takes no more memory than another', async () => {
  const content = Buffer.alloc(chunks, 'x');
  const hex = createChecksum('crc32').update(content).digest('hex');
  const program = new URL('programs/chunks.mjs', import.meta.url);
  const env = { ...process.env, NODE_OPTIONS: '--max-old-space-size=64' };
  const printed = await start(program, [folder, String(chunks)], { env }).rest();
  expect(printed.split('\n')).toEqual(Array(4).fill(hex));
  for (const name of ['0', '1', '2', '3']) {
    expect(readFileSync(join(folder, name)).equals(content)).toBe(true);
  }
});
