import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { Yardsticks } from '../../lib/measure/yardstick.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { reference } from '../helpers/reference.js';

const content = randomBytes(3_000_001);
const file = fileOf(temporaryFolder(), content);

it('every way of a C program has the right value, or the reason why there is none', async () => {
  const yardsticks = await Yardsticks.find();
  for (const algorithm of ['adler32', 'crc32', 'crc32c'] as const) {
    for (const way of ['read', 'mapped'] as const) {
      const contestants = yardsticks.contestants(way, algorithm, file);
      expect(contestants.length).toBeGreaterThan(0);
      for (const { pass } of contestants.flat())
        expect((await pass()).value).toBe(reference(algorithm, content));
    }
  }
  for (const algorithm of ['crc32', 'crc32c'] as const) {
    const [contestant] = yardsticks.contestants('splice', algorithm, file).flat();
    const why = yardsticks.missing.find((line) => line.startsWith(`AF_ALG, ${algorithm}: `));
    if (contestant) expect((await contestant.pass()).value).toBe(reference(algorithm, content));
    else expect(why).toMatch(/this kernel has none \((AF_ALG|crc32c?): .+\); modprobe algif_hash$/);
    expect(why === undefined).toBe(contestant !== undefined);
  }
});
