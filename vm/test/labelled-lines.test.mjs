// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LabelledLines } from '../labelled-lines.mjs';

test('machines that write at once take turns line by line, wherever their output is cut', () => {
  let seen = '';
  const to = { write: (text) => (seen += text) };
  const [one, two] = [new LabelledLines('6.1', to), new LabelledLines('6.12', to)];
  const text = Buffer.from('✓ first\n\n✓ second');
  for (const byte of text) {
    one.write(Buffer.of(byte));
    two.write(Buffer.of(byte));
  }
  one.end();
  two.end();
  two.end();
  assert.equal(
    seen,
    [
      ...['6.1 | ✓ first', '6.12 | ✓ first', '6.1 | ', '6.12 | '],
      ...['6.1 | ✓ second', '6.12 | ✓ second', ''],
    ].join('\n'),
  );
});
