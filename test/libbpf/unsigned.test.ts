/** Numbers of which the kernel would see only 32 bits, or only the whole part. */

import { expect, it } from 'vitest';
import { attachTc, attachXdp, BpfMap, openObject, Program } from '../../lib/libbpf/index.js';
import { hooks } from './link/hooks.js';
import { refused, testObject } from './support.js';

const core = testObject('core');
const wrong = [2 ** 32 + 3, 10.9, -1, Number.NaN, '7' as never];

it('1 are refused as the size of a map, made or opened', () => {
  const options = { type: 'array', keySize: 4, valueSize: 8, maxEntries: 1 };
  using opened = openObject(core);
  for (const number of wrong) {
    for (const name of ['keySize', 'valueSize', 'maxEntries', 'flags', 'extra']) {
      const error = refused(() => BpfMap.create({ ...options, [name]: number }));
      expect(error.code).toBe('ERR_SLUICE_OPTION');
      expect(error.message).toContain(`${name} is a whole number from 0 to 4294967295, not ${number}`);
    }
    const points = opened.map('points');
    expect(
      refused(() => {
        points.maxEntries = number;
      }).code,
    ).toBe('ERR_SLUICE_OPTION');
    expect(points.maxEntries).toBe(1024);
  }
});

it('2 are refused as an id, an interface, or an option of a run', () => {
  using loaded = openObject(core).load();
  const { id } = loaded.map('points');
  expect(refused(() => BpfMap.fromId(2 ** 32 + id)).code).toBe('ERR_SLUICE_OPTION');
  const program = loaded.program('mirror');
  expect(refused(() => Program.fromId(2 ** 32 + program.info().id)).code).toBe('ERR_SLUICE_OPTION');
  for (const name of ['contextSizeOut', 'dataSizeOut', 'repeat', 'cpu', 'flags']) {
    const options = { data: new Uint8Array(64), [name]: 2 ** 32 };
    expect(refused(() => program.run(options)).code).toBe('ERR_SLUICE_OPTION');
  }
  using network = hooks('on_xdp', 'on_ingress');
  const loopback = 2 ** 32 + 1;
  expect(refused(() => attachXdp(network.program('on_xdp'), loopback)).code).toBe('ERR_SLUICE_OPTION');
  expect(refused(() => attachTc(network.program('on_ingress'), loopback)).code).toBe('ERR_SLUICE_OPTION');
  expect(refused(() => openObject(core, { verifierLog: 2 ** 32 })).code).toBe('ERR_SLUICE_OPTION');
});

it('3 that fit are taken, but for the map of a section, which has one element', () => {
  const opened = openObject(core);
  opened.map('points').maxEntries = 3;
  const section = opened.map('core.bss');
  expect(
    refused(() => {
      section.maxEntries = 100_000;
    }),
  ).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 22 });
  using loaded = opened.load();
  expect(loaded.map('points').maxEntries).toBe(3);
  expect(loaded.map('core.bss').maxEntries).toBe(1);
});
