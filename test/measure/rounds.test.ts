import { describe, expect, it } from 'vitest';
import { type Contestant, DifferingValuesError, measureRounds, type Pass } from '../../lib/measure/rounds.js';

function contestant(name: string, pass: () => Promise<Pass> | Pass, prepare?: () => void): Contestant {
  return { name, parameters: { backend: 'other' }, pass, ...(prepare && { prepare }) };
}

/** The contestant brings its own clock, so that no test depends on how fast this machine is. */
function took(wallNs: number, cpuNs = wallNs): Pass {
  return { bytes: 1e9, value: 7n, took: { wallNs, userNs: cpuNs / 4, systemNs: (cpuNs / 4) * 3 } };
}

function clocked(name: string, wallNs: number, log: string[] = [], cpuNs = wallNs): Contestant {
  return contestant(name, () => {
    log.push(name);
    return took(wallNs, cpuNs);
  });
}

describe('measureRounds', () => {
  it('interleaves, warms up once and begins each round with another contestant', async () => {
    const log: string[] = [];
    const all = [clocked('a', 1e9, log), clocked('b', 1e9, log), clocked('c', 1e9, log)];
    await measureRounds(all, { rounds: 3 });
    expect(log.join('')).toBe('abc' + 'abc' + 'bca' + 'cab');
  });

  it('states speed, CPU time and the ratio to the first', async () => {
    const [read, engine] = await measureRounds([clocked('read', 5e8), clocked('engine', 1e9, [], 2e9)], {
      rounds: 4,
    });
    expect(read).toMatchObject({ name: 'read', bytes: 1e9, value: 7n, rounds: 4, ratio: { median: 1 } });
    expect(engine?.gbPerSecond.median).toBeCloseTo(1, 12);
    expect(engine?.cpuSecondsPerGb.median).toBeCloseTo(2, 12);
    expect(engine?.ratio.median).toBeCloseTo(0.5, 12);
  });

  it('forms ratios within a round: a machine that slows down for all does not spread them', async () => {
    let factor = 1;
    const slowing = (name: string, wallNs: number) => contestant(name, () => took(wallNs * factor));
    const last = slowing('engine', 2e9);
    const [, engine] = await measureRounds([slowing('read', 1e9), last], {
      rounds: 6,
      onProgress: ({ round }) => {
        factor = 1 + round;
      },
    });
    expect(engine?.ratio).toEqual({ median: 0.5, lowerQuartile: 0.5, upperQuartile: 0.5 });
    expect(engine?.gbPerSecond.upperQuartile).toBeGreaterThan((engine?.gbPerSecond.lowerQuartile ?? 0) * 1.5);
  });

  it('stops at the fifth round where the ratios are steady, and goes on where they are not', async () => {
    const steady = await measureRounds([clocked('a', 1e9), clocked('b', 2e9)]);
    expect(steady[0]?.rounds).toBe(5);
    let run = 0;
    const restless = contestant('b', () => took(1e9 * (1 + (run++ % 3))));
    const [, measured] = await measureRounds([clocked('a', 1e9), restless]);
    expect(measured?.rounds).toBe(40);
  });

  it('repeats short passes until a sample lasts long enough', async () => {
    const log: string[] = [];
    const [a, b] = await measureRounds([clocked('a', 1e6, log), clocked('b', 4e6, log)], {
      rounds: 1,
      sampleMilliseconds: 10,
    });
    expect([a?.passes, b?.passes]).toEqual([10, 3]);
    expect(log.join('')).toBe(`ab${'a'.repeat(10)}bbb`);
    expect(a?.samples).toEqual([{ wallNs: 1e6, userNs: 2.5e5, systemNs: 7.5e5 }]);
  });

  it('prepares before every pass, outside of what is measured', async () => {
    const log: string[] = [];
    const cold = contestant(
      'cold',
      () => {
        log.push('pass');
        return took(1e9);
      },
      () => void log.push('prepare'),
    );
    await measureRounds([cold], { rounds: 2 });
    expect(log).toEqual(['prepare', 'pass', 'prepare', 'pass', 'prepare', 'pass']);
  });

  it('measures the fastest form of a contestant, which the warm-up finds', async () => {
    const log: string[] = [];
    const forms = [4, 3, 1, 2, 5].map((each) => clocked(`${each}`, each * 1e8, log));
    const [, chosen] = await measureRounds([clocked('a', 1e9, log), forms], { rounds: 2 });
    expect(log.join('')).toBe('a4' + '43125' + '123' + '12' + 'a1' + '1a');
    expect(chosen).toMatchObject({ name: '1', rounds: 2, ratio: { median: 10 } });
  });

  it('refuses forms of a contestant that differ in value', async () => {
    const liar = contestant('liar', () => ({ ...took(1e9), value: 8n }));
    await expect(measureRounds([[clocked('a', 1e9), liar]])).rejects.toThrow(DifferingValuesError);
  });

  it('refuses a value that changes from pass to pass', async () => {
    let value = 0n;
    const liar = contestant('liar', () => ({ ...took(1e9), value: value++ }));
    await expect(measureRounds([liar], { rounds: 2 })).rejects.toThrow(DifferingValuesError);
  });

  it('is abandoned by its signal, and passes on what a contestant throws', async () => {
    const controller = new AbortController();
    const promise = measureRounds([clocked('a', 1e9)], {
      rounds: 1000,
      signal: controller.signal,
      onProgress: ({ round }) => round === 3 && controller.abort(new Error('enough')),
    });
    await expect(promise).rejects.toThrow('enough');
    const failing = contestant('f', () => Promise.reject(new Error('no disk')));
    await expect(measureRounds([failing])).rejects.toThrow('no disk');
  });
});
