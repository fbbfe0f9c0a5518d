import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Chart, chartsOf } from '../../lib/measure/charts.js';
import type { Report } from '../../lib/measure/report.js';
import { htmlReport } from '../../lib/measure/report-html.js';
import { jsonReport } from '../../lib/measure/report-json.js';
import type { Measurement, Parameters } from '../../lib/measure/rounds.js';
import { spreadOf } from '../../lib/measure/statistics.js';
import { temporaryFolder } from '../helpers/files.js';

const folder = temporaryFolder();

function row(name: string, gbPerSecond: number, parameters: Parameters, bytes = 2 ** 26): Measurement {
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

function rowsFor(algorithm: string, factor: number): Measurement[] {
  return [
    row('plain read', 10, { engine: 'none', threads: 1 }),
    row('splice', 60, { engine: 'none', threads: 1 }),
    row('user space', 9.25 * factor, { engine: 'userspace', algorithm, threads: 1 }),
    row('kernel', 4.125 * factor, { engine: 'bpf', algorithm, threads: 1 }),
    row('read + <b>library</b>', 8.5, { engine: 'other', algorithm, threads: 1 }),
  ];
}

const report: Report = {
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
        row('plain read', 0.4096, { engine: 'none', files: 100 }, 409_600),
        row('kernel', 0.2048, { engine: 'bpf', algorithm: 'crc32', files: 100 }, 409_600),
      ],
    },
    {
      kind: 'threads',
      title: 'adler32, threads on one file of 64 MiB',
      rows: [
        row('plain read', 8, { engine: 'none', threads: 1 }),
        row('plain read, 2 threads', 14, { engine: 'none', threads: 2 }),
        row('splice', 30, { engine: 'none', threads: 1 }),
        row('splice, 2 threads', 55, { engine: 'none', threads: 2 }),
        row('kernel', 4, { engine: 'bpf', algorithm: 'adler32', threads: 1 }),
        row('kernel, 2 threads', 7.75, { engine: 'bpf', algorithm: 'adler32', threads: 2 }),
      ],
    },
  ],
  auto: [{ algorithm: 'adler32', kernelFrom: 262_144, reason: 'measured here' }],
  warnings: ['Other programs use the processors <script>alert(1)</script>'],
  missing: ['xrdadler32: not installed'],
};

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
      parameters: { section: 'throughput', engine: 'userspace', algorithm: 'adler32', threads: 1 },
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

describe('the report for people, in a browser', () => {
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  const requests: string[] = [];
  const path = join(folder, 'report.html');

  beforeAll(async () => {
    writeFileSync(path, htmlReport(report));
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('dialog', (dialog) => complaints.push(dialog.message()));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(path).href);
  });
  afterAll(() => browser?.close());

  it('loads without a complaint, and from nowhere but itself', () => {
    expect(complaints).toEqual([]);
    expect(requests).toEqual([pathToFileURL(path).href]);
  });

  it('draws every chart, with the numbers of the report', async () => {
    const charts = chartsOf(report);
    expect(charts.map((chart) => chart.id)).toEqual([
      'speed',
      'cpu',
      'latency',
      'threads-0',
      'throughput-0',
      'throughput-1',
    ]);
    const shown = await page.evaluate(() => {
      type Live = { data: { labels: string[]; datasets: { label: string; data: (number | null)[] }[] } };
      const { Chart } = globalThis as unknown as { Chart: { getChart(id: string): Live } };
      // biome-ignore lint/suspicious/noExplicitAny: this runs in the page, whose types are not those of Node.js
      const canvases: any[] = Array.from((globalThis as any).document.querySelectorAll('canvas'));
      return canvases.map((canvas) => {
        const pixels: Uint8ClampedArray = canvas
          .getContext('2d')
          .getImageData(0, 0, canvas.width, canvas.height).data;
        const colours = new Set<number>();
        for (let i = 0; i < pixels.length; i += 4) {
          if (pixels[i + 3] === 255) {
            colours.add(
              ((pixels[i] as number) << 16) | ((pixels[i + 1] as number) << 8) | (pixels[i + 2] as number),
            );
          }
        }
        const { labels, datasets } = Chart.getChart(canvas.id).data;
        return {
          id: canvas.id as string,
          labels: [...labels],
          series: datasets.map(({ label, data }) => ({ label, data: [...data] })),
          colours: [...colours],
        };
      });
    });
    for (const [i, { id, config }] of charts.entries()) {
      const live = shown[i];
      expect(live?.id).toBe(id);
      expect(live?.labels).toEqual(config.data.labels);
      expect(live?.series).toEqual(config.data.datasets.map(({ label, data }) => ({ label, data })));
      // Something of each colour was painted.
      for (const { backgroundColor } of config.data.datasets) {
        for (const colour of [backgroundColor].flat()) {
          expect(live?.colours, `${colour} in ${id}`).toContain(Number.parseInt(colour.slice(1), 16));
        }
      }
    }
  });

  it('shows the same numbers in tables, the machine and the warnings, with nothing taken for markup', async () => {
    const text = await page.innerText('body');
    for (const wanted of [
      '9.25',
      '4.13',
      '0.182',
      'A processor & "more"',
      'ext4',
      'read + <b>library</b>',
      '<script>alert(1)</script>',
      'the kernel from 256 KiB',
      'xrdadler32: not installed',
    ]) {
      expect(text).toContain(wanted);
    }
  });
});

describe('charts', () => {
  const chart = (id: string) => chartsOf(report).find((each) => each.id === id) as Chart;

  it('group by algorithm what has more than one of them', () => {
    const { labels, datasets } = chart('speed').config.data;
    expect(labels).toEqual(['adler32', 'crc32']);
    expect(datasets.find(({ label }) => label === 'kernel')?.data).toEqual([4.125, 2.0625]);
    expect(datasets.map(({ label }) => label)).not.toContain('splice');
    const colours = datasets.map(({ backgroundColor }) => backgroundColor);
    expect(new Set(colours).size).toBe(colours.length);
  });

  it('give latency in microseconds for one file, and speed by threads', () => {
    const latency = chart('latency').config.data;
    expect(latency.labels).toEqual(['4 KiB']);
    expect(latency.datasets.map(({ data }) => data.map((each) => Math.round(each ?? 0)))).toEqual([
      [10],
      [20],
    ]);
    expect(chart('threads-0').config.data).toMatchObject({
      labels: ['1', '2'],
      datasets: [{ data: [8, 14] }, { data: [30, 55] }, { data: [4, 7.75] }],
    });
  });
});
