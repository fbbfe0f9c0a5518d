import { expect, it } from 'vitest';
import { valueOfZeros } from '../../lib/copy/zeros.js';
import { algorithms, createChecksum } from '../../lib/index.js';

it.each(algorithms)('the value of zeros is that of a pass over them, in %s', (name) => {
  for (const length of [0, 1, 2, 3, 65_521, 65_536, 1_000_003]) {
    expect(valueOfZeros(name, length)).toBe(createChecksum(name).update(Buffer.alloc(length)).digest());
  }
});
