import { expect, it } from 'vitest';
import { checksumsOfZeros } from '../../lib/copy/zeros.js';
import { algorithms, createChecksum } from '../../lib/index.js';

it('the checksums of zeros are those of a pass over them', () => {
  for (const length of [0, 1, 2, 3, 65_521, 65_536, 1_000_003]) {
    const zeros = Buffer.alloc(length);
    const passed = algorithms.map((name) => [name, createChecksum(name).update(zeros).digest()]);
    expect([...checksumsOfZeros(algorithms, length)]).toEqual(passed);
  }
});
