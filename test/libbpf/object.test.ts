/** Opening, changing and loading an object, in that order and no other. */

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { BpfMap, onLog, openObject } from '../../lib/libbpf/index.js';
import { start } from '../helpers/program.js';
import { refused, testObject } from './support.js';

const core = testObject('core');

describe('openObject', () => {
  it('lists what is in the object, from a path or from bytes', () => {
    for (const source of [core, readFileSync(core)]) {
      using opened = openObject(source);
      expect(opened.programNames).toEqual(['produce', 'sample', 'mirror', 'jump', 'target']);
      expect(opened.mapNames).toEqual(expect.arrayContaining(['points', 'records', 'shared']));
      expect(opened.program('produce')).toMatchObject({
        section: 'raw_tp',
        type: 'raw_tracepoint',
        autoload: true,
      });
      expect(opened.map('points')).toMatchObject({ type: 'hash', keySize: 4, maxEntries: 1024 });
    }
  });

  it('refuses what is no BPF object, a missing file, and names that the object does not have', () => {
    expect(refused(() => openObject(Buffer.from('not an object')))).toMatchObject({ code: 'ERR_SLUICE_BPF' });
    expect(refused(() => openObject(Buffer.alloc(0)))).toMatchObject({ code: 'ERR_SLUICE_BPF' });
    expect(refused(() => openObject('/nonexistent.bpf.o'))).toMatchObject({ code: 'ERR_SLUICE_NOT_FOUND' });
    expect(refused(() => openObject('/tmp'))).toMatchObject({ code: 'ERR_SLUICE_IS_DIRECTORY' });
    for (const lost of [`/${'x'.repeat(300)}`, '/x'.repeat(4096), `${core}/x`])
      expect(refused(() => openObject(lost))).toMatchObject({ code: 'ERR_SLUICE_NOT_FOUND' });
    using opened = openObject(core);
    const error = refused(() => opened.program('produse'));
    expect(error.code).toBe('ERR_SLUICE_OPTION');
    expect(error.message).toContain('no program "produse" (it has produce, sample');
    expect(refused(() => opened.map('nothing')).code).toBe('ERR_SLUICE_OPTION');
    expect(refused(() => opened.variable('nothing')).code).toBe('ERR_SLUICE_OPTION');
  });

  it('survives an object cut short anywhere', () => {
    const image = readFileSync(core);
    for (let length = 0; length < image.length; length += 97) {
      try {
        openObject(image.subarray(0, length)).close();
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_SLUICE_BPF' });
      }
    }
  });
});

describe('load', () => {
  it('takes the open object, whose methods are refused from then on', () => {
    const opened = openObject(core);
    const variable = opened.variable('answer');
    const map = opened.map('points');
    const program = opened.program('mirror');
    using loaded = opened.load();
    expect(refused(() => opened.load()).code).toBe('ERR_SLUICE_CLOSED');
    expect(refused(() => opened.map('points')).code).toBe('ERR_SLUICE_CLOSED');
    expect(refused(() => variable.set(1n)).code).toBe('ERR_SLUICE_BPF');
    expect(refused(() => map.reuse(loaded.map('runs'))).code).toBe('ERR_SLUICE_CLOSED');
    expect(refused(() => map.setPinPath('/sys/fs/bpf/x')).code).toBe('ERR_SLUICE_CLOSED');
    expect(
      refused(() => {
        map.maxEntries = 7;
      }).code,
    ).toBe('ERR_SLUICE_CLOSED');
    expect(
      refused(() => {
        program.autoload = false;
      }).code,
    ).toBe('ERR_SLUICE_CLOSED');
    expect(refused(() => program.setTarget('vfs_read')).code).toBe('ERR_SLUICE_CLOSED');
    expect(loaded.map('points').maxEntries).toBe(1024);
    expect(loaded.variable('answer').get()).toBe(42n);
  });

  it('loads only the programs that autoload is on for', () => {
    const opened = openObject(core);
    for (const name of ['sample', 'mirror', 'jump', 'target']) opened.program(name).autoload = false;
    expect(opened.program('mirror').autoload).toBe(false);
    using loaded = opened.load();
    expect(loaded.program('produce').info().type).toBe('raw_tracepoint');
    expect(refused(() => loaded.program('mirror')).message).toContain('its autoload is off');
  });

  it('makes maps of the size asked for', () => {
    const opened = openObject(core);
    opened.map('points').maxEntries = 77;
    expect(opened.map('points').maxEntries).toBe(77);
    using loaded = opened.load();
    expect(loaded.map('points').maxEntries).toBe(77);
    expect(refused(() => loaded.map('pointz')).code).toBe('ERR_SLUICE_OPTION');
  });

  it('uses a map that exists already, and refuses one that is not alike', () => {
    using mine = BpfMap.create({ type: 'array', keySize: 4, valueSize: 8, maxEntries: 8, flags: 1 << 10 });
    const opened = openObject(core);
    opened.map('shared').reuse(mine);
    using loaded = opened.load();
    expect(loaded.map('shared').id).toBe(mine.id);
  });

  it('says in one line what the verifier objects to, and has its log on request', () => {
    const error = refused(() => openObject(testObject('refused')).load());
    expect(error.code).toBe('ERR_SLUICE_VERIFIER');
    expect(error.message.split('\n')).toHaveLength(1);
    expect(error.message).toContain('program unchecked');
    expect(error.message).toMatch(/map_value_or_null|mem_or_null/);
    expect(error.log).toContain('BEGIN PROG LOAD LOG');
    expect(error.log).toMatch(/processed \d+ insns/);
  });

  it('loads the rest of an object whose refused program is left out', () => {
    const opened = openObject(testObject('refused'));
    opened.program('unchecked').autoload = false;
    using loaded = opened.load();
    expect(loaded.program('checked').run().result).toBe(0);
  });
});

describe('onLog', () => {
  afterEach(() => onLog(undefined));

  it("hears libbpf's messages, and the verifier's log where it is asked for", async () => {
    const heard: [string, string][] = [];
    onLog((level, text) => heard.push([level, text]), 'debug');
    openObject(core, { verifierLog: 1 }).load().close();
    expect(heard).toEqual([]);
    // Messages come in order: once the warning of a later refusal is here, so are all before it.
    refused(() => openObject(testObject('refused')).load());
    await expect.poll(() => heard.some(([level]) => level === 'warn')).toBe(true);
    expect(heard.some(([level, text]) => level === 'debug' && text.includes('BEGIN PROG LOAD LOG'))).toBe(
      true,
    );
  });

  it('hears warnings only, unless told otherwise', async () => {
    const levels = new Set<string>();
    onLog((level) => levels.add(level));
    refused(() => openObject(testObject('refused')).load());
    await expect.poll(() => [...levels]).toEqual(['warn']);
  });

  it('tells the process of what a listener throws, and the listener of every message', async () => {
    const program = new URL('programs/throwing-listener.mjs', import.meta.url);
    const { heard, thrown } = JSON.parse(await start(program, [core]).line());
    expect(heard.length).toBeGreaterThan(1);
    expect(thrown).toEqual(heard);
  });

  it('refuses a level that there is not, and keeps the one it has', () => {
    expect(refused(() => onLog(() => {}, 'verbose' as never)).code).toBe('ERR_SLUICE_OPTION');
    const error = refused(() => openObject(testObject('refused')).load());
    expect(error.code).toBe('ERR_SLUICE_VERIFIER');
  });
});

describe('close', () => {
  it('closes the maps and programs that were handed out, and can be called twice', () => {
    const loaded = openObject(core).load();
    const map = loaded.map('points');
    const program = loaded.program('produce');
    expect(loaded.map('points')).toBe(map);
    loaded.close();
    loaded.close();
    expect(refused(() => map.fd).code).toBe('ERR_SLUICE_CLOSED');
    expect(refused(() => program.run()).code).toBe('ERR_SLUICE_CLOSED');
    expect(refused(() => loaded.variable('counter')).code).toBe('ERR_SLUICE_CLOSED');
  });
});
