import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ViteUserConfig } from 'vitest/config';
import all from './vitest.config.js';

/** The tests that need no program but those that building needs: no file that calls `needs` (test/helpers/needs.ts). */
const exclude = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((name) => join('test', name))
  .filter((path) => path.endsWith('.test.ts') && /^needs\(/m.test(readFileSync(path, 'utf8')));

const config: ViteUserConfig = { ...all, test: { ...all.test, exclude } };

export default config;
