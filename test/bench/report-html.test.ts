import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chartOf } from '../../bench/report/charts.js';
import { headline } from '../../bench/report/headline.js';
import { htmlReport } from '../../bench/report/html.js';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { report } from './sample.js';

needs('chromium');

const folder = temporaryFolder();

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

  it('draws a bar for every row but a splice, as long as its number, with its name and number beside it', async () => {
    for (const section of report.sections) {
      const { bars } = chartOf(section);
      const id = `${section.kind}-${report.sections.filter(({ kind }) => kind === section.kind).indexOf(section)}`;
      const drawn = await page.locator(`#${id} .bar`).evaluateAll((rows) =>
        rows.map((row) => {
          // biome-ignore lint/suspicious/noExplicitAny: this runs in the page, whose types are not those of Node.js
          const part = (name: string) => (row as any).querySelector(name);
          const width = (name: string) => part(name).getBoundingClientRect().width as number;
          return {
            name: part('.name').textContent,
            text: part('.value').textContent,
            length: (100 * width('.fill')) / width('.track'),
            spread: (100 * width('.error')) / width('.track'),
          };
        }),
      );
      expect(drawn.map(({ name, text }) => ({ name, text }))).toEqual(
        bars.map(({ name, text }) => ({ name, text })),
      );
      for (const [i, bar] of bars.entries()) {
        expect(Math.abs((drawn[i]?.length ?? 0) - bar.length)).toBeLessThan(0.5);
        expect(Math.abs((drawn[i]?.spread ?? 0) - (bar.upperQuartile - bar.lowerQuartile))).toBeLessThan(0.5);
      }
    }
  });

  it('leads to every chapter from the top, and says first what was found', async () => {
    const targets = await page.locator('nav a').evaluateAll((links) =>
      // biome-ignore lint/suspicious/noExplicitAny: as above
      links.map((link) => (link as any).getAttribute('href') as string),
    );
    expect(targets).toEqual(['#warnings', '#auto', '#throughput', '#threads', '#latency', '#missing']);
    for (const target of targets) expect(await page.locator(target).count(), target).toBe(1);
    expect(await page.locator('.headline').innerText()).toBe(headline(report)[0]);
  });

  it.each([420, 1200])(
    'fits into a window of %d pixels: nothing is cut off but what scrolls in its own box',
    async (width) => {
      await page.setViewportSize({ width, height: 900 });
      const outside = await page.evaluate(() => {
        // biome-ignore lint/suspicious/noExplicitAny: as above
        const { document, innerWidth } = globalThis as any;
        const parts = [...document.querySelectorAll('.bar *, h1, h2, h3, p, li, figcaption')];
        return {
          page: document.documentElement.scrollWidth - innerWidth,
          parts: parts.filter((part) => part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0)
            .length,
          beyond: parts.filter((part) => part.getBoundingClientRect().right > innerWidth + 1).length,
        };
      });
      expect(outside).toEqual({ page: 0, parts: 0, beyond: 0 });
    },
  );

  it('has colours of its own in the dark', async () => {
    const colours = () =>
      page.evaluate(() => {
        // biome-ignore lint/suspicious/noExplicitAny: as above
        const { document, getComputedStyle } = globalThis as any;
        const { color, backgroundColor } = getComputedStyle(document.body);
        return [
          color,
          backgroundColor,
          getComputedStyle(document.querySelector('.userspace .fill')).backgroundColor,
        ];
      });
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await colours();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await colours();
    for (const [i, colour] of light.entries()) expect(dark[i]).not.toBe(colour);
  });

  it('shows the same numbers in tables, the machine and the warnings, with nothing taken for markup', async () => {
    const text = await page.innerText('body');
    for (const wanted of [
      '9.25',
      '4.13',
      '0.182',
      '±',
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
