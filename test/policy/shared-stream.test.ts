/** Two relays on one stream that blocks, where kcmp(2), which would tell that it is one, is refused. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { needs } from '../helpers/needs.js';
import { compileDeny } from './deny.js';

needs('python3');

const deny = compileDeny();
const path = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));

it.each([1, 38])(
  'a stream of two relays blocks again when the last of them leaves it, with kcmp refused by %i',
  (errno) => {
    const command = deny('kcmp', errno, [process.execPath, path('second-relay.mjs')]);
    const printed = execFileSync('python3', [path('holding-stream.py'), ...command], { encoding: 'utf8' });
    expect(printed.trim().split('\n')).toEqual(['True', 'first', 'False', 'ERR_SLUICE_ABORTED', 'True']);
  },
);
