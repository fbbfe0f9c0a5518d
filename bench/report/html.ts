/** The report for people: one page that needs nothing but itself. */

import { binarySize } from '#lib/measure/binary-size.js';
import { labelOf } from '#lib/measure/buffer-sizes.js';
import type { Measurement } from '#lib/measure/rounds.js';
import { taken } from './auto.js';
import { chartOf } from './charts.js';
import { headline } from './headline.js';
import { metricOf, readableSpread, unsteady } from './metrics.js';
import type { Report, Section } from './report.js';
import { style } from './style.js';

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] as string);
}

function table(section: Section): string {
  const metric = metricOf(section);
  const head = [metric.unit, metric.cpuUnit, `× ${escaped(section.rows[0]?.name ?? '')}`, 'rounds'];
  const cells = (row: Measurement) => [
    readableSpread(metric.of(row)),
    readableSpread(metric.cpuOf(row)),
    readableSpread(row.ratio),
    String(row.rounds),
  ];
  const numbers = (tag: string, texts: readonly string[]) =>
    texts.map((text) => `<${tag} class="number">${text}</${tag}>`).join('');
  return `<div class="wide"><table><thead><tr><th></th>${numbers('th', head)}</tr></thead><tbody>${section.rows
    .map((row) => `<tr><td>${escaped(labelOf(row))}</td>${numbers('td', cells(row))}</tr>`)
    .join('')}</tbody></table></div>`;
}

/** Boxes and no picture: their texts stay readable at any width, and take the colours of the page. */
function chart(section: Section): string {
  const { unit, more, bars } = chartOf(section);
  const rows = bars.map(
    ({ name, backend, text, length, lowerQuartile, upperQuartile }) =>
      `<div class="bar ${backend}"><span class="name">${escaped(name)}</span><span class="track"><span class="fill" style="width:${length.toFixed(2)}%"></span><span class="error" style="left:${lowerQuartile.toFixed(2)}%;width:${(upperQuartile - lowerQuartile).toFixed(2)}%"></span></span><span class="value">${text}</span></div>`,
  );
  return `<figure><figcaption>${unit}, ${more ? 'more' : 'less'} is better</figcaption>${rows.join('')}</figure>`;
}

const chapters: Record<Section['kind'], string> = {
  throughput: 'One large file',
  threads: 'Several threads',
  latency: 'Small files, one after the other',
  many: 'Many files',
  tree: 'Trees of small files',
  cache: 'Files that are not in memory',
  memory: 'Bytes in memory',
  put: 'Storing what comes from a socket',
  copy: 'Copying',
  get: 'Sending to a socket',
  upload: 'Uploads to a server',
  observe: 'Files that others write, observed',
  pressure: 'The same with little memory',
  value: 'From the close to the value',
};

interface Chapter {
  id: string;
  title: string;
  body: string;
}

function chapter(kind: Section['kind'], sections: readonly Section[]): Chapter {
  const body = sections
    .map(
      (section, i) =>
        `<section id="${kind}-${i}"><h3>${escaped(section.title)}</h3>${chart(section)}${table(section)}</section>`,
    )
    .join('\n');
  return { id: kind, title: chapters[kind], body };
}

/** In the order in which they are looked at. */
function chaptersOf({ sections }: Report): Chapter[] {
  return (Object.keys(chapters) as Section['kind'][]).flatMap((kind) => {
    const of = sections.filter((section) => section.kind === kind);
    return of.length > 0 ? [chapter(kind, of)] : [];
  });
}

function list(id: string, title: string, items: readonly string[]): Chapter[] {
  if (items.length === 0) return [];
  return [
    {
      id,
      title,
      body: `<ul class="${id}">${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`,
    },
  ];
}

function machineTable({ machine, options, startedAt }: Report): string {
  const rows: [string, string][] = [
    ['Processor', `${machine.cpu}, ${machine.cores} cores${machine.virtual ? ', virtual machine' : ''}`],
    ['Kernel', `Linux ${machine.kernel} ${machine.architecture}`],
    ['Memory', `${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`],
    ['Folder', `${options.folder} (${machine.fileSystem})`],
    ['Sluice', `${machine.sluice}, SIMD level ${machine.simd}, Node.js ${machine.node}`],
    ['Measured', `${startedAt}, largest file ${binarySize(options.size)}${options.quick ? ', quick' : ''}`],
  ];
  return `<div class="wide"><table>${rows.map(([name, text]) => `<tr><th>${name}</th><td>${escaped(text)}</td></tr>`).join('')}</table></div>`;
}

function autoTable({ auto }: Report): Chapter[] {
  if (auto.length === 0) return [];
  const rows = auto.map(
    ({ algorithm, reason, ...choice }) =>
      `<tr><td>${algorithm}</td><td>${taken(choice)}</td><td>${escaped(reason)}</td></tr>`,
  );
  const body = `<div class="wide"><table>${rows.join('')}</table></div>`;
  return [{ id: 'auto', title: "What engine: 'auto' takes here", body }];
}

export function htmlReport(report: Report): string {
  const all = [
    ...list('warnings', 'Before you trust these numbers', report.warnings),
    ...autoTable(report),
    ...chaptersOf(report),
    ...list('missing', 'Not measured', report.missing),
  ];
  const [first = '', ...rest] = headline(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Sluice: speed of this machine</title>
<style>${style}</style>
</head>
<body>
<h1>Sluice: speed of this machine</h1>
<p class="headline">${escaped(first)}</p>
<p>${escaped(rest.join(' '))}</p>
${machineTable(report)}
<nav><ul>${all.map(({ id, title }) => `<li><a href="#${id}">${title}</a></li>`).join('')}</ul></nav>
<p class="key"><span class="userspace">user-space engine</span> <span class="bpf">kernel engine</span> <span class="none">moves the bytes only</span> <span class="other">what there is besides</span></p>
<p>Numbers are medians ± half the distance of the quartiles, which the thin line on a bar spans. ${unsteady} marks those whose quartiles are farther apart than the number is large. Ratios (×) are formed within a round.</p>
${all.map(({ id, title, body }) => `<h2 id="${id}">${title}</h2>\n${body}`).join('\n')}
</body>
</html>
`;
}
