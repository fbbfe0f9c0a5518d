/** Numbers of which the kernel would see only 32 or 64 bits, or only the whole part. */

import { expect, it } from 'vitest';
import { shown } from '../../lib/libbpf/arguments.js';
import {
  attachKprobe,
  attachKretprobe,
  attachPerfEvent,
  attachRawTracepoint,
  attachTc,
  attachTracepoint,
  attachTracing,
  attachUprobe,
  attachUretprobe,
  attachUsdt,
  attachXdp,
  BpfMap,
  openObject,
  Program,
  perfBuffer,
} from '../../lib/libbpf/index.js';
import { hooks } from './link/hooks.js';
import { refused, testObject } from './support.js';

const core = testObject('core');
const wrong = [2 ** 32 + 3, 10.9, -1, Number.NaN, '7' as never];

it('numbers that are no integers are refused as the size of a map, made or opened', () => {
  const options = { type: 'array', keySize: 4, valueSize: 8, maxEntries: 1 };
  using opened = openObject(core);
  for (const number of wrong) {
    for (const name of ['keySize', 'valueSize', 'maxEntries', 'flags', 'extra']) {
      const error = refused(() => BpfMap.create({ ...options, [name]: number }));
      expect(error.code).toBe('ERR_SLUICE_OPTION');
      expect(error.message).toContain(`${name} is a whole number from 0 to 4294967295, not ${shown(number)}`);
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

it('numbers that are no integers are refused as an id, an interface, or an option of a run', () => {
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

it('numbers that are no integers are refused as a type of BTF, and as the size of a buffer', () => {
  using loaded = openObject(core).load();
  expect(loaded.btf.type(1).id).toBe(1);
  for (const number of [2 ** 32 + 1, 1.5, -1]) {
    expect(refused(() => loaded.btf.type(number)).code).toBe('ERR_SLUICE_OPTION');
  }
  for (const pagesPerCpu of [2 ** 32 + 8, 8.5]) {
    const error = refused(() => perfBuffer(loaded.map('samples'), { pagesPerCpu }));
    expect(error.code).toBe('ERR_SLUICE_OPTION');
  }
});

it('numbers that are no integers that fit are taken, but for the map of a section, which has one element', () => {
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

// What is wrong is found before the program is looked at, so one of any type will do.
it('numbers that are no integers are refused where a program is attached', () => {
  using loaded = hooks('on_raw_tracepoint');
  const program = loaded.program('on_raw_tracepoint');
  const file = '/proc/self/exe';
  const probe = { provider: 'sluice', name: 'loaded' };
  const calls: [(options: object) => unknown, options: Record<string, unknown[]>][] = [
    [(options) => attachKprobe(program, 'vfs_read', options), { offset: [-1, 0.5, 2 ** 53] }],
    [(options) => attachKretprobe(program, 'vfs_read', options), {}],
    [(options) => attachRawTracepoint(program, 'sys_enter', options), {}],
    [(options) => attachTracepoint(program, 'syscalls', 'sys_enter_read', options), {}],
    [(options) => attachTracing(program, options), {}],
    [
      (options) => attachUprobe(program, file, options),
      { pid: [2 ** 32, -2, 0.7], offset: [-1, 0.5, 2 ** 53] },
    ],
    [(options) => attachUretprobe(program, file, options), { pid: [2 ** 32], offset: [-1] }],
    [(options) => attachUsdt(program, file, { ...probe, ...options }), { pid: [2 ** 32, -2, 0.7] }],
    [
      (options) => attachPerfEvent(program, { period: 1n, ...options }),
      {
        type: [2 ** 32 + 1, -1],
        event: [2n ** 64n, 0],
        period: [-1n, 2n ** 64n + 1n, 1],
        pid: [2 ** 32, -2, 0.7],
        cpu: [2 ** 32, -2],
      },
    ],
  ];
  for (const [attach, options] of calls) {
    for (const [name, values] of Object.entries({ ...options, cookie: [-1n, 2n ** 64n + 5n, 5] })) {
      for (const value of values) {
        const error = refused(() => attach({ [name]: value }));
        expect([attach.toString(), error.code]).toEqual([attach.toString(), 'ERR_SLUICE_OPTION']);
        expect(error.message).toMatch(
          new RegExp(`^${name} is a (whole number|bigint) from .*, not ${shown(value)}\\.`),
        );
      }
    }
  }
});
