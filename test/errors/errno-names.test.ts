/** The names of the system's error numbers stand in one file of lib/: whoever handles a failure asks what it means. */

import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const lib = fileURLToPath(new URL('../../lib', import.meta.url));
/** With some that Node has no name for. */
const names = new Set([...Object.keys(constants.errno), 'ENOKEY', 'ENOTSUPP', 'EUCLEAN', 'EKEYEXPIRED']);

/** The names that stand in code, as identifiers or in text, and not in comments. */
function namesIn(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const words = node.getChildCount() === 0 ? (node.getText().match(/\bE[A-Z0-9]+\b/g) ?? []) : [];
    found.push(...words.filter((word) => names.has(word)));
    node.forEachChild(visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return found;
}

it('names of error numbers stand in lib/errors/errno.ts and nowhere else', () => {
  const paths = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const naming = paths.filter((path) => namesIn(join(lib, path)).length > 0);
  expect(naming).toEqual(['errors/errno.ts']);
});
