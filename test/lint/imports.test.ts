// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { linter } from './tree.js';

const lint = linter('lint-imports.mjs');

describe('the lint of imports', () => {
  it('finds nothing wrong with imports that go down, or stay in the room', () => {
    const files = {
      'bench/suite.ts': "import { a } from '#lib/http/a.js';",
      'lib/http/a.ts': "import { b } from '../relay/b.js';\nimport './c.js';\nimport ts from 'typescript';",
      'lib/http/c.ts': "import { SluiceError } from '../errors/errors.js';",
      'lib/relay/b.ts': '',
      'lib/errors/errors.ts': '',
      'native/relay/a.cc': '#include "native/runtime/b.h"\n#include <vector>\n',
      'native/runtime/b.h': '',
    };
    expect(lint(files)).toEqual({ status: 0, problems: [] });
  });

  it.each([
    ['an import', "import { b } from '../cli/b.js';"],
    ['an import of types', "import type { B } from '../cli/b.js';"],
    ['an export', "export { b } from '../cli/b.js';"],
    ['an import while it runs', "const b = await import('../cli/b.js');"],
  ])('refuses %s from a room above', (_, text) => {
    expect(lint({ 'lib/engine/a.ts': text, 'lib/cli/b.ts': '' })).toEqual({
      status: 1,
      problems: ['lib/engine/a.ts imports lib/cli/b.ts: lib/cli stands above lib/engine'],
    });
  });

  it('refuses an include from a room above', () => {
    const files = { 'native/file/a.h': '#include "native/engine/b.h"\n', 'native/engine/b.h': '' };
    expect(lint(files)).toEqual({
      status: 1,
      problems: ['native/file/a.h imports native/engine/b.h: native/engine stands above native/file'],
    });
  });

  it('refuses files of a room that import each other in a circle', () => {
    const files = {
      'lib/http/a.ts': "import './b.js';",
      'lib/http/b.ts': "import './c.js';",
      'lib/http/c.ts': "import './b.js';",
    };
    expect(lint(files)).toEqual({
      status: 1,
      problems: ['in a circle: lib/http/b.ts -> lib/http/c.ts -> lib/http/b.ts'],
    });
  });

  it('refuses a file that is in no room', () => {
    expect(lint({ 'lib/new/a.ts': '' })).toEqual({
      status: 1,
      problems: ['lib/new/a.ts is in no room: give it a place in scripts/lint-imports.mjs'],
    });
  });
});
