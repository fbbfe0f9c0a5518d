import type { Report } from '../../bench/report/report.js';
import type { Measurement, Parameters } from '../../lib/measure/rounds.js';
import { spreadOf } from '../../lib/measure/statistics.js';

/** A row of a report, with samples of half, once and twice its time. */
export function row(
  name: string,
  gbPerSecond: number,
  parameters: Parameters,
  bytes: number = 2 ** 26,
): Measurement {
  const wallNs = bytes / gbPerSecond;
  return {
    name,
    parameters,
    bytes,
    value: parameters.algorithm ? 12_345n : undefined,
    rounds: 3,
    passes: 1,
    samples: [0.5, 1, 2].map((factor) => ({
      wallNs: wallNs * factor,
      userNs: wallNs / 4,
      systemNs: wallNs / 2,
    })),
    gbPerSecond: spreadOf([gbPerSecond / 2, gbPerSecond, gbPerSecond * 2]),
    cpuSecondsPerGb: spreadOf([0.75 / gbPerSecond]),
    ratio: spreadOf([gbPerSecond / 10]),
  };
}

/** What an algorithm is measured with. */
export function rowsFor(algorithm: string, factor: number): Measurement[] {
  return [
    row('plain read', 10, { backend: 'none', threads: 1 }),
    row('splice', 60, { backend: 'none', threads: 1 }),
    row('user space', 9.25 * factor, { backend: 'userspace', algorithm, threads: 1 }),
    row('kernel', 4.125 * factor, { backend: 'bpf', algorithm, threads: 1 }),
    row('read + <b>library</b>', 8.5, { backend: 'other', algorithm, threads: 1 }),
  ];
}

export const report: Report = {
  machine: {
    kernel: '6.18.0',
    architecture: 'x64',
    cpu: 'A processor & "more"',
    cores: 2,
    memoryBytes: 2 ** 34,
    node: '20.20.2',
    sluice: '0.1.0',
    simd: 'avx512',
    fileSystem: 'ext4',
    governor: undefined,
    virtual: true,
    freePageReporting: false,
  },
  options: { folder: '/storage', size: 2 ** 26, quick: true },
  startedAt: '2026-01-01T00:00:00.000Z',
  sections: [
    { kind: 'throughput', title: 'adler32, one file of 64 MiB', rows: rowsFor('adler32', 1) },
    { kind: 'throughput', title: 'crc32, one file of 64 MiB', rows: rowsFor('crc32', 0.5) },
    {
      kind: 'latency',
      title: 'crc32, files of 4 KiB',
      rows: [
        row('plain read', 0.4096, { backend: 'none', files: 100 }, 409_600),
        row('kernel', 0.2048, { backend: 'bpf', algorithm: 'crc32', files: 100 }, 409_600),
      ],
    },
    {
      kind: 'threads',
      title: 'adler32, threads on one file of 64 MiB',
      rows: [
        row('plain read', 8, { backend: 'none', threads: 1 }),
        row('plain read, 2 threads', 14, { backend: 'none', threads: 2 }),
        row('splice', 30, { backend: 'none', threads: 1 }),
        row('splice, 2 threads', 55, { backend: 'none', threads: 2 }),
        row('kernel', 4, { backend: 'bpf', algorithm: 'adler32', threads: 1 }),
        row('kernel, 2 threads', 7.75, { backend: 'bpf', algorithm: 'adler32', threads: 2 }),
      ],
    },
  ],
  auto: [{ algorithm: 'adler32', backend: 'bpf', backendFrom: 262_144, reason: 'measured here' }],
  warnings: ['Other programs use the processors <script>alert(1)</script>'],
  missing: ['xrdadler32: not installed'],
};
