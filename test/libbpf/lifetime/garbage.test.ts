/** What is forgotten without being closed is closed by the collector, and nothing that is used is. */

import { expect, it } from 'vitest';
import { ended } from './child.js';

const ok = { status: 0, signal: null, errors: '' };
const forgetting = (scene: string) => ended('forgetting', scene, '--expose-gc');

it('the descriptors of objects that are collected are closed', () => {
  expect(forgetting('descriptorsOfObjects')).toMatchObject({ ...ok, output: 'true true' });
});

it('a buffer that is waited for is not collected', () => {
  expect(forgetting('bufferThatIsWaitedFor')).toMatchObject({ ...ok, output: '9n' });
});

it('a program, a link, a memory view and BTF outlive the object that they come from', () => {
  const output = '7 1024 3n true raw_tracepoint';
  expect(forgetting('partsOfAnObject')).toMatchObject({ ...ok, output });
});

it('a buffer whose signal lives on is collected, and its listener', () => {
  expect(forgetting('bufferWithASignal')).toMatchObject({ ...ok, output: 'true true true' });
});
