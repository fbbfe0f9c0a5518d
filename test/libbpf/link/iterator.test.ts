/** Iterators. */

import { expect, it } from 'vitest';
import { attachIterator, Btf, readIterator } from '../../../lib/libbpf/index.js';
import { expectRefusal } from '../support.js';
import { hooks } from './hooks.js';

it('an iterator streams what the program prints, as often as it is read', async () => {
  if (!Btf.kernel().describe('bpf_iter__task')) {
    expectRefusal(() => hooks('on_task'));
    return;
  }
  using loaded = hooks('on_task');
  using link = attachIterator(loaded.program('on_task'));
  for (let round = 0; round < 2; round++) {
    const chunks: Buffer[] = [];
    for await (const chunk of readIterator(link)) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(`process ${process.pid}\n`);
  }
});
