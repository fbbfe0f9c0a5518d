/** What the report's charts show, as configurations for Chart.js: data only, so that they can be written into a page. */

import { binarySize } from './binary-size.js';
import type { Report, Section } from './report.js';
import type { Measurement } from './rounds.js';

export interface Chart {
  /** Unique within the page. */
  id: string;
  title: string;
  config: {
    type: 'bar' | 'line';
    data: { labels: string[]; datasets: Dataset[] };
    options: object;
  };
}

interface Dataset {
  label: string;
  data: (number | null)[];
  backgroundColor: string | string[];
  borderColor?: string;
}

type Measure = (row: Measurement) => number;

/** Told apart by people of every kind of colour vision (Okabe and Ito's set). */
const colours: Record<Measurement['parameters']['engine'], string> = {
  none: '#999999',
  userspace: '#0072b2',
  bpf: '#d55e00',
  other: '#56b4e9',
};
const spareColours = ['#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#f0e442'];

const speed: Measure = (row) => row.gbPerSecond.median;
const cpu: Measure = (row) => row.cpuSecondsPerGb.median;

/** A splice moves bytes several times as fast as anything can sum them: it stands in the tables only. */
function drawn({ rows }: Section): Measurement[] {
  return rows.filter((row) => row.name !== 'splice');
}

function axis(text: string, extra: object = {}): object {
  return { title: { display: true, text }, ...extra };
}

/** One bar for each row, in the colour of its engine, with its number in words beside it. */
function bars(id: string, section: Section, measure: Measure): Chart {
  const rows = drawn(section);
  return {
    id,
    title: `${section.title}: GB/s`,
    config: {
      type: 'bar',
      data: {
        labels: rows.map((row) => `${row.name}: ${measure(row).toFixed(2)}`),
        datasets: [
          {
            label: 'GB/s',
            data: rows.map(measure),
            backgroundColor: rows.map((row) => colours[row.parameters.engine]),
          },
        ],
      },
      options: {
        indexAxis: 'y',
        animation: false,
        maintainAspectRatio: false,
        plugins: { legend: { display: false } },
        scales: { x: axis('GB/s', { beginAtZero: true }) },
      },
    },
  };
}

/** A group of bars for each algorithm, in it a bar for everything that has more than one of them. */
function overview(
  id: string,
  title: string,
  unit: string,
  sections: readonly Section[],
  measure: Measure,
): Chart {
  const labels = sections.map(({ title }) => title.split(',', 1)[0] as string);
  const names = new Map<string, Measurement['parameters']['engine']>();
  for (const { name, parameters } of sections.flatMap(drawn)) {
    const sharing = sections.filter((section) => section.rows.some((row) => row.name === name));
    if (sharing.length > 1 || parameters.engine !== 'other') names.set(name, parameters.engine);
  }
  const used = new Set<string>();
  const colourOf = (engine: Measurement['parameters']['engine']) => {
    const own = colours[engine];
    const colour = used.has(own) ? (spareColours.find((each) => !used.has(each)) ?? own) : own;
    used.add(colour);
    return colour;
  };
  const datasets = [...names].map(([name, engine]): Dataset => {
    const data = sections.map(({ rows }) => {
      const found = rows.find((row) => row.name === name);
      return found ? measure(found) : null;
    });
    return { label: name, data, backgroundColor: colourOf(engine) };
  });
  return {
    id,
    title,
    config: {
      type: 'bar',
      data: { labels, datasets },
      options: {
        animation: false,
        maintainAspectRatio: false,
        scales: { y: axis(unit, { beginAtZero: true }) },
      },
    },
  };
}

/** A line for each name. */
function lines(
  id: string,
  title: string,
  labels: string[],
  series: Map<string, { engine: Measurement['parameters']['engine']; data: (number | null)[] }>,
  axes: { x: string; y: string; logarithmic?: boolean },
): Chart {
  const datasets = [...series].map(
    ([label, { engine, data }]): Dataset => ({
      label,
      data,
      backgroundColor: colours[engine],
      borderColor: colours[engine],
    }),
  );
  return {
    id,
    title,
    config: {
      type: 'line',
      data: { labels, datasets },
      options: {
        animation: false,
        maintainAspectRatio: false,
        scales: {
          x: axis(axes.x),
          y: axis(axes.y, axes.logarithmic ? { type: 'logarithmic' } : { beginAtZero: true }),
        },
      },
    },
  };
}

function latency(sections: readonly Section[]): Chart {
  const bytesOf = (row: Measurement) => row.bytes / (row.parameters.files ?? 1);
  const labels = sections.map(({ rows }) => binarySize(bytesOf(rows[0] as Measurement)));
  const series = new Map(
    (sections[0] as Section).rows.map(({ name, parameters }) => {
      const data = sections.map(({ rows }) => {
        const found = rows.find((row) => row.name === name);
        return found ? bytesOf(found) / found.gbPerSecond.median / 1000 : null;
      });
      return [name, { engine: parameters.engine, data }];
    }),
  );
  return lines('latency', 'crc32 of one file: microseconds by its size', labels, series, {
    x: 'size of the file',
    y: 'microseconds',
    logarithmic: true,
  });
}

function scaling(section: Section, id: string): Chart {
  const { title, rows } = section;
  const threads = [...new Set(rows.map((row) => row.parameters.threads ?? 1))];
  const singles = rows.filter((row) => row.parameters.threads === 1);
  const series = new Map(
    singles.map(({ name, parameters: { engine } }) => {
      const data = threads.map((count) => {
        const found = rows.find((row) => row.name === (count === 1 ? name : `${name}, ${count} threads`));
        return found ? speed(found) : null;
      });
      return [name, { engine, data }];
    }),
  );
  return lines(id, `${title}: GB/s`, threads.map(String), series, { x: 'threads', y: 'GB/s' });
}

/** In the order in which they are looked at. */
export function chartsOf({ sections, options }: Report): Chart[] {
  const of = (kind: Section['kind']) => sections.filter((section) => section.kind === kind);
  const throughput = of('throughput');
  const largest = throughput.filter(({ rows }) => rows[0]?.bytes === options.size);
  const size = binarySize(options.size);
  const latencies = of('latency');
  return [
    overview('speed', `Throughput by engine and algorithm, one file of ${size}`, 'GB/s', largest, speed),
    overview(
      'cpu',
      `CPU seconds per GB by engine and algorithm, one file of ${size}`,
      'CPU s/GB',
      largest,
      cpu,
    ),
    ...(latencies.length > 0 ? [latency(latencies)] : []),
    ...of('threads').map((section, i) => scaling(section, `threads-${i}`)),
    ...throughput.map((section, i) => bars(`throughput-${i}`, section, speed)),
    ...of('many').map((section, i) => bars(`many-${i}`, section, speed)),
    ...of('cache').map((section, i) => bars(`cache-${i}`, section, speed)),
    ...of('memory').map((section, i) => bars(`memory-${i}`, section, speed)),
    ...of('upload').map((section, i) => bars(`upload-${i}`, section, speed)),
    ...(['put', 'copy', 'get'] as const).flatMap((kind) =>
      of(kind).map((section) => bars(kind, section, speed)),
    ),
  ];
}
