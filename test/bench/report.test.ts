import { describe, expect, it } from 'vitest';
import { chartOf } from '../../bench/report/charts.js';
import { headline } from '../../bench/report/headline.js';
import { jsonReport } from '../../bench/report/json.js';
import { metricOf, readable, readableSpread } from '../../bench/report/metrics.js';
import type { Section } from '../../bench/report/report.js';
import { minutely } from '../../lib/cli/output/status-line.js';
import type { Measurement } from '../../lib/measure/rounds.js';
import { report, row, rowsFor } from './sample.js';

describe('the report for programs', () => {
  const json = jsonReport(report);

  it("has hyperfine's shape, with times in nanoseconds", () => {
    const wall = 2 ** 26 / 9.25;
    const result = json.results.find((each) => each.command === 'user space');
    expect(result).toMatchObject({
      median_ns: wall,
      min_ns: wall / 2,
      max_ns: wall * 2,
      times_ns: [wall / 2, wall, wall * 2],
      bytes: 2 ** 26,
      value: '12345',
      parameters: { section: 'throughput', backend: 'userspace', algorithm: 'adler32', threads: 1 },
    });
    expect(result?.mean_ns).toBeCloseTo((wall * 3.5) / 3, 3);
    expect(result?.user_ns).toBeCloseTo(wall / 4, 3);
    expect(result?.system_ns).toBeCloseTo(wall / 2, 3);
    // Of 0.5, 1 and 2: the mean is 7/6, the squares of the distances sum to 7/6.
    expect(result?.stddev_ns).toBeCloseTo(wall * Math.sqrt(7 / 6 / 2), 3);
  });

  it('echoes machine, options and all that was said, and survives being written', () => {
    const read = JSON.parse(JSON.stringify(json));
    expect(read).toEqual(json);
    const { machine, options, auto, warnings, missing } = report;
    expect(json).toMatchObject({ options, auto, warnings, missing });
    expect(json.machine).toBe(machine);
    expect(json.results).toHaveLength(report.sections.flatMap((section) => section.rows).length);
  });
});

describe('charts', () => {
  it('have the best first, ours in colours, and no splice', () => {
    const { bars, unit, more } = chartOf(report.sections[0] as Section);
    expect({ unit, more }).toEqual({ unit: 'GB/s', more: true });
    expect(bars.map(({ name, backend }) => [name, backend])).toEqual([
      ['plain read', 'none'],
      ['user space', 'userspace'],
      ['read + <b>library</b>', 'other'],
      ['kernel', 'bpf'],
    ]);
    const lengths = bars.map(({ length }) => length);
    expect(lengths).toEqual(lengths.toSorted((a, b) => b - a));
  });

  it('of latency have the shortest time first', () => {
    const { bars, unit, more } = chartOf(report.sections[2] as Section);
    expect({ unit, more }).toEqual({ unit: 'µs a file', more: false });
    expect(bars.map(({ name, text }) => [name, text.split(' ')[0]])).toEqual([
      ['plain read', '10.0'],
      ['kernel', '20.0'],
    ]);
  });

  it('have bars without a length where all is zero', () => {
    const rows = [row('nothing', 0, { backend: 'userspace' }), row('neither', 0, { backend: 'other' })];
    const { bars } = chartOf({ kind: 'memory', title: '', rows });
    expect(
      bars.map(({ length, lowerQuartile, upperQuartile }) => [length, lowerQuartile, upperQuartile]),
    ).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it('keep their bars apart where one number is unsteady', () => {
    const rows = [row('steady', 1, { backend: 'userspace' }), row('unsteady', 1, { backend: 'other' })];
    (rows[1] as Measurement).gbPerSecond = { median: 1, lowerQuartile: 0.1, upperQuartile: 50 };
    for (const bar of chartOf({ kind: 'memory', title: '', rows }).bars)
      expect(bar.length).toBeGreaterThan(70);
  });
});

describe('numbers', () => {
  it.each([
    [12_345.6, '12,346'],
    [123.4, '123'],
    [45.67, '45.7'],
    [1, '1.00'],
    [0.0123, '0.0123'],
    [0, '0'],
  ])('%d is shown as %s', (value, text) => {
    expect(readable(value)).toBe(text);
  });

  it.each([
    [{ median: 9.25, lowerQuartile: 9.2, upperQuartile: 9.3 }, '9.25 ±0.05'],
    [{ median: 1, lowerQuartile: 0.999, upperQuartile: 1.001 }, '1.000 ±0.001'],
    [{ median: 1, lowerQuartile: 1, upperQuartile: 1 }, '1.00'],
    [{ median: 0.001, lowerQuartile: 0.001, upperQuartile: 0.0012 }, '0.00100 ±0.00010'],
    [{ median: 5, lowerQuartile: 1, upperQuartile: 11 }, '5.00 ±5.00 ⚠'],
  ])('%o is shown as %s', (spread, text) => {
    expect(readableSpread(spread)).toBe(text);
  });

  it.each([
    ['upload', { backend: 'other', files: 100 }, 4096, 'requests/s'],
    ['many', { backend: 'other', files: 100 }, 4096, 'files/s'],
    ['latency', { backend: 'other', files: 1 }, 16 * 2 ** 20, 'µs a file'],
    ['throughput', { backend: 'other' }, 2 ** 26, 'MB/s'],
  ] as const)('of %s are none of them 0.00, in their unit', (kind, parameters, bytes, unit) => {
    const rows = [
      row('slow', 0.0004, parameters, bytes * (('files' in parameters && parameters.files) || 1)),
    ];
    const metric = metricOf({ kind, title: '', rows });
    expect(metric.unit).toBe(unit);
    expect(readableSpread(metric.of(rows[0] as Measurement))).not.toMatch(/\b0\.00\b/);
    expect(readable(metric.cpuOf(rows[0] as Measurement).median)).not.toMatch(/^0\.0*$/);
  });
});

describe('of observing', () => {
  it('it is told what CPU time it takes more than where nobody observes, within a round', () => {
    const rows = [row('nobody', 1, { backend: 'none' }), row('follow', 0.5, { backend: 'other' })];
    const metric = metricOf({ kind: 'observe', title: '', rows });
    expect([metric.unit, metric.cpuUnit]).toEqual(['GB/s', 'CPU s/GB more']);
    expect(rows.map((each) => metric.cpuOf(each).median)).toEqual([0, 0.75]);
    // In a round in which both took more, there is no more of it.
    for (const each of rows) (each.samples[1] as { userNs: number }).userNs += each.bytes;
    expect(metric.cpuOf(rows[1] as Measurement).median).toBe(0.75);
  });

  it('with files as large as memory it is told what is read from the device', () => {
    const rows = [row('reread', 1, { backend: 'other' })];
    const samples = rows[0]?.samples.map((each, n) => ({ ...each, deviceBytes: n * 250_000_000 })) ?? [];
    const metric = metricOf({ kind: 'pressure', title: '', rows });
    expect(metric.cpuUnit).toBe('MB from the device');
    expect(metric.cpuOf({ ...(rows[0] as Measurement), samples }).median).toBe(250);
    expect(metric.cpuOf(rows[0] as Measurement).median).toBe(0);
  });

  it('it is told how long a value takes after the close, and how long at most in 99 of 100', () => {
    const rows = [row('follow', 0.1, { backend: 'other' }, 16_384)];
    const metric = metricOf({ kind: 'value', title: '', rows });
    expect([metric.unit, metric.cpuUnit, metric.more]).toEqual([
      'µs from close to value',
      'µs, 99 of 100',
      false,
    ]);
    expect(metric.of(rows[0] as Measurement).median).toBeCloseTo(163.84);
    const samples = Array.from({ length: 101 }, (_, n) => ({
      wallNs: (100 - n) * 1000,
      userNs: 0,
      systemNs: 0,
    }));
    expect(metric.cpuOf({ ...(rows[0] as Measurement), samples }).median).toBeCloseTo(99);
  });
});

describe('the headline', () => {
  it('says how fast, which engine, and who else', () => {
    expect(headline(report)).toEqual([
      'This machine sums a file of 64 MiB (adler32) at 9.25 GB/s with one thread.',
      'That is 93 % of the speed at which it reads the file and does nothing with it (10.0 GB/s).',
      'The faster engine is user space: 2.24 times as fast as the kernel (4.13 GB/s).',
      'The best of what there is besides, read + <b>library</b>, reaches 8.50 GB/s.',
    ]);
  });

  it('compares with the plain read, wherever that stands', () => {
    const [read, splice, ...rest] = rowsFor('adler32', 1) as [Measurement, Measurement, ...Measurement[]];
    const of = (rows: Measurement[]) =>
      headline({ ...report, sections: [{ kind: 'throughput', title: '', rows }] });
    expect(of([splice, ...rest, read])).toEqual(headline(report));
    expect(of([splice, ...rest]).join(' ')).not.toContain('reads the file');
  });

  it('is of one thread, and warns of numbers that are unsteady', () => {
    const two = row('user space, 2 threads', 30, { backend: 'userspace', algorithm: 'adler32', threads: 2 });
    const rows = [...rowsFor('adler32', 1), two];
    const sections: Section[] = [{ kind: 'throughput', title: '', rows }];
    expect(headline({ ...report, sections })).toEqual(headline(report));
    (rows[3] as Measurement).gbPerSecond.upperQuartile = 20;
    expect(headline({ ...report, sections }).at(-1)).toMatch(/^These numbers vary too much to be relied on/);
  });

  it('is empty where no large file was measured', () => {
    expect(headline({ ...report, sections: [] })).toEqual([]);
  });
});

describe('progress in a log', () => {
  it('is a line a minute, the first after a minute', () => {
    let now = 0;
    const lines: string[] = [];
    const say = minutely(
      (text) => lines.push(text),
      () => now,
    );
    for (const second of [0, 30, 59, 60, 61, 119, 120, 300]) {
      now = second * 1000;
      say(`at ${second} s`);
    }
    say('');
    expect(lines).toEqual(['1 min: at 60 s', '2 min: at 120 s', '5 min: at 300 s']);
  });
});
