/** What the command is for, in short: this runs with every Node that the package is for. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toHex } from '../../lib/engine/algorithms.js';
import { directory, sluice } from '../cli/run.js';
import { engines } from '../helpers/engines.js';
import { fileOf } from '../helpers/files.js';
import { reference } from '../helpers/reference.js';

it.each(engines)('sum and copy, with %s', async (engine) => {
  const folder = directory();
  const from = fileOf(folder, 300_001);
  const to = join(folder, 'to');
  const bytes = readFileSync(from);
  const hex = toHex('adler32', reference('adler32', bytes));
  const line = (path: string) => ({ stdout: `${hex}  ${path}\n`, stderr: '', status: 0 });
  expect(await sluice(['sum', '--engine', engine, from])).toEqual(line(from));
  expect(await sluice(['copy', '--engine', engine, from, to])).toEqual(line(to));
  expect(readFileSync(to).equals(bytes)).toBe(true);
});
