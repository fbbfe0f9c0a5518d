/** Arguments of the wrong kind: each is refused by a code, and nothing is done. */

import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { BpfMap, Btf, hashMap, onLog, openObject, queueMap, u32 } from '../../lib/libbpf/index.js';
import { refused, testObject } from './support.js';

const core = testObject('core');
afterAll(() => onLog(undefined));

/** No Uint8Arrays, though all but the last hold bytes. */
const others: unknown[] = [
  'abc',
  new ArrayBuffer(64),
  new DataView(new ArrayBuffer(64)),
  new Uint32Array(16),
  null,
];

it('an object is opened by a path or from bytes', () => {
  for (const source of [undefined, 5, readFileSync(core).buffer, ...others.slice(1)]) {
    const error = refused(() => openObject(source as never));
    expect(error.code).toBe('ERR_SLUICE_OPTION');
    expect(error.message).toMatch(/by its path or from a Uint8Array, not from /);
  }
});

it('bytes are a Uint8Array: BTF, a context, a packet', () => {
  using loaded = openObject(core).load();
  const program = loaded.program('target');
  const packet = new Uint8Array(64);
  for (const value of [...others, '', 0] as never[]) {
    expect(refused(() => Btf.parse(value)).code).toBe('ERR_SLUICE_OPTION');
    expect(refused(() => program.run({ data: value })).message).toContain('data is a Uint8Array, not ');
    expect(refused(() => program.run({ data: packet, context: value })).code).toBe('ERR_SLUICE_OPTION');
  }
});

it('a word is one of those that there are', () => {
  using map = BpfMap.create({ type: 'hash', keySize: 4, valueSize: 4, maxEntries: 1 });
  const view = hashMap(map, { key: u32, value: u32 });
  for (const mode of ['creat', 'toString', 1, null] as never[]) {
    expect(refused(() => view.set(1, 1, mode)).code).toBe('ERR_SLUICE_OPTION');
  }
  expect(view.has(1)).toBe(false);
  using values = BpfMap.create({ type: 'queue', keySize: 0, valueSize: 4, maxEntries: 1 });
  const queue = queueMap(values, { value: u32 });
  expect(refused(() => queue.push(1, 'dorp' as never)).code).toBe('ERR_SLUICE_OPTION');
  expect(queue.peek()).toBeUndefined();
});

it('a listener is a function, and another thing does not end the one that there is', () => {
  onLog(() => {});
  for (const listener of [5, null, {}] as never[]) {
    expect(refused(() => onLog(listener)).code).toBe('ERR_SLUICE_OPTION');
  }
});
