/** What `sluice bench` loads: the suite, with its report ready to be printed and written. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileError } from '#lib/measure/file-error.js';
import type { Suite } from '#lib/measure/suite.js';
import { htmlReport } from './report/html.js';
import { jsonReport } from './report/json.js';
import type { Report } from './report/report.js';
import { textReport } from './report/text.js';
import { measureAll } from './suite.js';

function write(report: Report, json: string, folder: string): string {
  const html = join(folder, 'report.html');
  try {
    writeFileSync(join(folder, 'report.json'), json);
    writeFileSync(html, htmlReport(report));
  } catch (error) {
    throw fileError(error, folder);
  }
  return html;
}

export const runSuite: Suite['runSuite'] = async (options) => {
  const report = await measureAll(options);
  const json = `${JSON.stringify(jsonReport(report), null, 2)}\n`;
  return { text: textReport(report), json, write: (folder) => write(report, json, folder) };
};
