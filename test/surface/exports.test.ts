// SPDX-License-Identifier: Apache-2.0
// What the package shows to programs: each name that an entry exports, with its kind. A change of the snapshot is a change
// of the API, and belongs into CHANGELOG.md.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  exports: Record<string, { types: string } | string>;
};
const entries = Object.entries(exports).flatMap(([entry, to]) =>
  typeof to === 'string' ? [] : [[entry, root + to.types.replace('./dist/', 'lib/').replace('.d.ts', '.ts')]],
) as [string, string][];

const { config } = ts.readConfigFile(`${root}tsconfig.json`, (path) => readFileSync(path, 'utf8'));
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const program = ts.createProgram(
  entries.map(([, path]) => path),
  options,
);
const checker = program.getTypeChecker();

const kinds: readonly (readonly [ts.SymbolFlags, string])[] = [
  [ts.SymbolFlags.Class, 'class'],
  [ts.SymbolFlags.Function, 'function'],
  [ts.SymbolFlags.Variable, 'const'],
  [ts.SymbolFlags.Module, 'namespace'],
  [ts.SymbolFlags.Interface, 'interface'],
  [ts.SymbolFlags.TypeAlias, 'type'],
];

function exported(path: string): string[] {
  const module = checker.getSymbolAtLocation(program.getSourceFile(path) as ts.SourceFile);
  return checker.getExportsOfModule(module as ts.Symbol).map((symbol) => {
    const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const kind = kinds.find(([flag]) => (meant.flags & flag) !== 0)?.[1];
    // A class of which only the type is exported can't be constructed by others.
    const typeOnly = symbol.declarations?.some(ts.isTypeOnlyExportDeclaration) ? 'type of ' : '';
    return `${kind === 'class' ? typeOnly : ''}${kind} ${symbol.name}`;
  });
}

test.each(entries)('%s exports what the snapshot says', (_, path) => {
  expect(exported(path).sort()).toMatchSnapshot();
});
