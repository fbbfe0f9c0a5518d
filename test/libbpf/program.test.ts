/** Running programs, and what the kernel knows about them. */

import { closeSync, fstatSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  enableStatistics,
  hasProgramType,
  openObject,
  Program,
  programArray,
} from '../../lib/libbpf/index.js';
import { expectRefusal, refused, testObject } from './support.js';

const core = testObject('core');

function request(number: bigint, count: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(number, count).buffer);
}

describe('run', () => {
  it('gives a SYSCALL program its context, and gives it back changed (5.14)', () => {
    const run = () => {
      using loaded = openObject(testObject('call')).load();
      const given = new Uint8Array(BigUint64Array.of(10n).buffer);
      const { result, context } = loaded.program('increment').run({ context: given });
      expect(result).toBe(7);
      expect(context?.readBigUInt64LE()).toBe(11n);
      expect(new BigUint64Array(given.buffer)[0]).toBe(10n);
    };
    if (hasProgramType('syscall')) run();
    else expectRefusal(run);
  });

  it('gives an XDP program a packet, repeatedly, and gives it back changed', () => {
    using loaded = openObject(core).load();
    const { result, data, durationNs } = loaded
      .program('mirror')
      .run({ data: new Uint8Array(64), dataSizeOut: 128, repeat: 100 });
    expect(result).toBe(3); // XDP_TX
    expect(data).toHaveLength(64);
    expect(data?.[0]).toBe(0xaa);
    expect(durationNs).toBeGreaterThanOrEqual(0);
  });

  it('gives back as much of a context as the kernel wrote', () => {
    using loaded = openObject(core).load();
    const given = new Uint8Array(Uint32Array.of(0, 0, 7).buffer); // struct __sk_buff up to its mark
    const { context } = loaded
      .program('target')
      .run({ data: new Uint8Array(64), context: given, contextSizeOut: 4096 });
    expect(context?.readUInt32LE(8)).toBe(7);
    expect(context?.length).toBeLessThanOrEqual(192); // the whole of it
  });

  it('says what the kernel refuses', () => {
    using loaded = openObject(core).load();
    expect(refused(() => loaded.program('produce').run({ repeat: 5 }))).toMatchObject({
      code: 'ERR_SLUICE_BPF',
      errno: 22,
    });
    expect(refused(() => loaded.program('mirror').run({ data: new Uint8Array(1 << 20) })).code).toBe(
      'ERR_SLUICE_BPF',
    );
  });

  it('follows a tail call into another program', () => {
    using loaded = openObject(core).load();
    const jump = loaded.program('jump');
    const packet = { data: new Uint8Array(64) };
    expect(jump.run(packet).result).toBe(1);
    const jumps = programArray(loaded.map('jumps'));
    jumps.set(1, loaded.program('target'));
    expect(jump.run(packet).result).toBe(99);
    expect(jumps.delete(1)).toBe(true);
    expect(jump.run(packet).result).toBe(1);
  });
});

describe('info', () => {
  it('describes the program', () => {
    using loaded = openObject(core).load();
    const info = loaded.program('produce').info();
    expect(info).toMatchObject({ name: 'produce', type: 'raw_tracepoint', recursionMisses: 0n });
    expect(info.tag).toMatch(/^[0-9a-f]{16}$/);
    expect(info.translatedBytes).toBeGreaterThan(0);
  });

  it('counts runs and their time while statistics are on', () => {
    using loaded = openObject(core).load();
    const program = loaded.program('sample');
    const run = () => program.run({ context: new Uint8Array(8) });
    run();
    const before = program.info().runCount;
    {
      using _statistics = enableStatistics();
      for (let i = 0; i < 5; i++) run();
    }
    run();
    expect(program.info().runCount - before).toBeGreaterThanOrEqual(5n);
    expect(program.info().runTimeNs).toBeGreaterThan(0n);
  });

  it('closes its own descriptor of the statistics, once', () => {
    const statistics = enableStatistics();
    statistics.close();
    // The lowest number that is free: that of the statistics, if nothing else is closed.
    const fd = openSync('/proc/version', 'r');
    statistics.close();
    statistics[Symbol.dispose]();
    expect(fstatSync(fd).isFile()).toBe(true);
    closeSync(fd);
  });

  it('finds the same program by its id, which can be run but not attached', () => {
    using loaded = openObject(core).load();
    using again = Program.fromId(loaded.program('produce').info().id);
    expect(again.name).toBe('produce');
    expect(again.run({ context: request(1n, 1n) }).result).toBe(7);
    expect(refused(() => Program.fromId(0xffffffff))).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 2 });
  });
});
