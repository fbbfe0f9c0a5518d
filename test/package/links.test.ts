/** What is unpacked from the tarball holds together: links lead somewhere, and so do source maps. */

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder();
const unpacked = join(folder, 'package');

// Without the binaries, which the test of the whole package makes again at the same time.
beforeAll(() => {
  const sources = join(folder, 'sources');
  const left = ['.deps', '.git', 'build', 'node_modules', 'prebuilds'].map((name) => join(root, name));
  cpSync(root, sources, { recursive: true, filter: (path) => !left.includes(path) });
  const options = { cwd: sources, encoding: 'utf8' } as const;
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  const name = execFileSync('npm', pack, options).trim();
  execFileSync('tar', ['-xf', join(folder, name), '-C', folder]);
});

function files(...endings: string[]): string[] {
  return execFileSync('find', [unpacked, '-type', 'f'], { encoding: 'utf8' })
    .split('\n')
    .filter((path) => endings.some((ending) => path.endsWith(ending)));
}

/** The anchors of a page, as GitHub and npm make them from its headings. */
function anchors(page: string): Set<string> {
  const headings = page.replaceAll(/^```.*?^```/gms, '').match(/^#+ .*$/gm) ?? [];
  return new Set(
    headings.map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
        .replaceAll(/\s/g, '-'),
    ),
  );
}

it('every relative link of a page leads to a file of the package, and to a heading that is there', () => {
  const lost: string[] = [];
  let links = 0;
  for (const path of files('.md')) {
    const page = readFileSync(path, 'utf8').replaceAll(/^```.*?^```/gms, '');
    for (const [, target = ''] of page.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      links++;
      const [name = '', anchor] = target.split('#');
      const other = name === '' ? path : join(dirname(path), name);
      const found = existsSync(other) && (!anchor || anchors(readFileSync(other, 'utf8')).has(anchor));
      if (!found) lost.push(`${relative(unpacked, path)}: ${target}`);
    }
  }
  expect(lost).toEqual([]);
  expect(links).toBeGreaterThan(30);
});

it('every source map that a file names is there, with the sources or beside them', () => {
  const lost: string[] = [];
  for (const path of files('.js', '.mjs', '.cjs', '.d.ts', '.css')) {
    const [, name] = /^\/[/*][#@] sourceMappingURL=(\S+)/m.exec(readFileSync(path, 'utf8')) ?? [];
    if (name === undefined) continue;
    const map = join(dirname(path), name);
    if (!existsSync(map)) {
      lost.push(`${relative(unpacked, path)}: ${name}`);
      continue;
    }
    const { sources, sourcesContent = [] } = JSON.parse(readFileSync(map, 'utf8'));
    for (const [i, source] of (sources as string[]).entries()) {
      if (sourcesContent[i] === undefined && !existsSync(join(dirname(map), source)))
        lost.push(`${name}: ${source}`);
    }
  }
  expect(lost).toEqual([]);
});

it('package.json names no file that is not there', () => {
  const { exports: entries, bin } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
  const named = [...Object.values(entries), bin].flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry as object),
  );
  expect(named.filter((path) => !existsSync(join(unpacked, path)))).toEqual([]);
});
