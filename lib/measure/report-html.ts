/** The report for people: one page that needs nothing but itself. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../native.js';
import { binarySize } from './binary-size.js';
import { chartsOf } from './charts.js';
import type { Report, Section } from './report.js';
import type { Measurement } from './rounds.js';
import type { Spread } from './statistics.js';

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] as string);
}

/** JSON that may stand within a script element. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** Chart.js itself, to be written into the page: the build puts the one file here, so that nobody installs the rest. */
function chartLibrary(): string {
  return readFileSync(join(packageRoot, 'dist/measure/chart.umd.min.js'), 'utf8').replaceAll(
    '</script',
    '<\\/script',
  );
}

const style = `
:root { color-scheme: light; font: 15px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; }
h2 { margin-top: 2.5rem; font-size: 1.2rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(28rem, 1fr)); gap: 2rem; }
figure { margin: 0; }
figcaption { font-weight: 600; }
.canvas { position: relative; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid #d8dee4; }
td.number, th.number { text-align: right; }
.warnings { background: #fff8e5; border-left: .3rem solid #e69f00; padding: .5rem 1rem; }
@media print { .charts { display: block; } }`;

function spread({ median, lowerQuartile, upperQuartile }: Spread, digits: number): string {
  return `${median.toFixed(digits)} ±${((upperQuartile - lowerQuartile) / 2).toFixed(digits)}`;
}

function cells(row: Measurement): string {
  const numbers = [
    spread(row.gbPerSecond, 2),
    spread(row.cpuSecondsPerGb, 3),
    spread(row.ratio, 2),
    String(row.rounds),
  ];
  return `<tr><td>${escaped(row.name)}</td>${numbers.map((text) => `<td class="number">${text}</td>`).join('')}</tr>`;
}

function table({ title, rows }: Section): string {
  const baseline = escaped(rows[0]?.name ?? '');
  const head = ['GB/s', 'CPU s/GB', `× ${baseline}`, 'rounds'];
  return `<h3>${escaped(title)}</h3><table><thead><tr><th></th>${head
    .map((text) => `<th class="number">${text}</th>`)
    .join('')}</tr></thead><tbody>${rows.map(cells).join('')}</tbody></table>`;
}

function list(title: string, items: readonly string[], kind = ''): string {
  if (items.length === 0) return '';
  return `<section class="${kind}"><h2>${title}</h2><ul>${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul></section>`;
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
  return `<table>${rows.map(([name, text]) => `<tr><th>${name}</th><td>${escaped(text)}</td></tr>`).join('')}</table>`;
}

function autoTable({ auto }: Report): string {
  if (auto.length === 0) return '';
  const rows = auto.map(
    ({ algorithm, kernelFrom, reason }) =>
      `<tr><td>${algorithm}</td><td>${kernelFrom === null ? 'user space' : `the kernel from ${binarySize(kernelFrom)}`}</td><td>${escaped(reason)}</td></tr>`,
  );
  return `<h2>What engine: 'auto' takes here</h2><table>${rows.join('')}</table>`;
}

export function htmlReport(report: Report): string {
  const charts = chartsOf(report);
  const figures = charts.map(({ id, title, config }) => {
    const height = config.data.datasets.length > 1 ? 24 : 5 + 1.6 * config.data.labels.length;
    return `<figure><figcaption>${escaped(title)}</figcaption><div class="canvas" style="height:${height}rem"><canvas id="${id}" role="img" aria-label="${escaped(title)}"></canvas></div></figure>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Sluice: speed of this machine</title>
<style>${style}</style>
</head>
<body>
<h1>Sluice: speed of this machine</h1>
${machineTable(report)}
${list('Before you trust these numbers', report.warnings, 'warnings')}
${autoTable(report)}
<h2>Charts</h2>
<p>Medians; grey moves the bytes only, dark blue is the user-space engine, orange the kernel engine, light blue is what there is besides.</p>
<div class="charts">${figures.join('\n')}</div>
<h2>Numbers</h2>
<p>Medians ± half the distance of the quartiles. Ratios are formed within a round, relative to the first row of a table.</p>
${report.sections.map(table).join('\n')}
${list('Not measured', report.missing)}
<script>${chartLibrary()}</script>
<script>
for (const { id, config } of ${inScript(charts)}) new Chart(document.getElementById(id), config);
</script>
</body>
</html>
`;
}
