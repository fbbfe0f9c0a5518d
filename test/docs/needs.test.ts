/** Tests say which programs they run that only `setup --tests` installs. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { needs } from '../helpers/needs.js';

needs('dpkg', 'python3');

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The programs of the packages of scripts/setup's list for tests. */
function programs(): string[] {
  const [, packages = ''] =
    /^for_tests=\(([^)]*)\)/m.exec(readFileSync(join(root, 'scripts/setup'), 'utf8')) ?? [];
  const files = execFileSync('dpkg', ['-L', ...packages.trim().split(/\s+/)], { encoding: 'utf8' });
  return files
    .split('\n')
    .filter((path) => /^(\/usr)?\/s?bin\//.test(path))
    .map((path) => basename(path))
    .concat('python3'); // it comes with a package that the named one needs
}

// A command and a profile of ours have their names.
const ours = ['attr', 'xrdcks'];

it('every test that runs a program of a package for tests calls needs with it', () => {
  const known = new Set(programs().filter((name) => !ours.includes(name)));
  const silent = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => {
      const text = readFileSync(join(root, 'test', name), 'utf8');
      const said = new Set(
        [...text.matchAll(/^needs\(([^)]*)\)/gm)].flatMap(([, list = '']) => quoted(list)),
      );
      const used = new Set(quoted(text));
      if (/programs\/[\w-]+\.py'/.test(text)) used.add('python3');
      return [...used].filter((word) => known.has(word) && !said.has(word)).map((word) => `${name}: ${word}`);
    });
  expect(silent).toEqual([]);
});

/** The first words of the strings in a piece of source. */
function quoted(source: string): string[] {
  return [...source.matchAll(/(['"`])([\w.-]+)(?=\1| )/g)].map(([, , word = '']) => word);
}
