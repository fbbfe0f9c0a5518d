/** A process that has no descriptor, or no memory, to spare when it first asks for the kernel engine. */

import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { hasProgramType } from '../../lib/libbpf/index.js';
import { engines } from '../helpers/engines.js';
import { needs } from '../helpers/needs.js';
import { testObject } from '../libbpf/support.js';

needs('strace');

const module = (name: string) => JSON.stringify(new URL(`../../dist/${name}`, import.meta.url).href);

function run(command: readonly [string, ...string[]], script: string): unknown {
  const [program, ...args] = command;
  return JSON.parse(
    execFileSync(program, [...args, process.execPath, '--input-type=module', '-e', script], {
      encoding: 'utf8',
    }),
  );
}

const fewDescriptors = ['prlimit', '--nofile=96'] as const;

/** Takes every descriptor. */
const exhaust = `
import fs from 'node:fs';
const taken = [];
try { for (;;) taken.push(fs.openSync('/dev/null')); } catch (error) { if (error.code !== 'EMFILE') throw error; }`;

/** Takes every descriptor, then gives one back at a time, until `attempt` does not say an error any more. */
const scarce = `
${exhaust}
const seen = [];
do {
  seen.push(attempt());
  fs.closeSync(taken.pop());
} while (taken.length > 0 && String(seen.at(-1)).startsWith('ERR_'));
seen.push(attempt());
console.log(JSON.stringify([...new Set(seen)]));`;

/** So that a lull after a shortage is over. */
const waiting = `
const now = performance.now.bind(performance);
let later = 0;
performance.now = () => now() + later;`;

/** What the kernel engine says. */
const asked = `
${waiting}
const { kernelEngine } = await import(${module('engine/taps/pipe.js')});
const say = () => { const { available, error } = kernelEngine(); return available ? 'loaded' : error.code + ' ' + error.errno; };
const attempt = () => { later += 5000; return say(); };`;

describe.runIf(engines.includes('kernel'))('the kernel engine', () => {
  it('1 is there as soon as there are descriptors for it', () => {
    const script = `
${asked}
${scarce}`;
    expect(run(fewDescriptors, script)).toEqual(['ERR_SLUICE_LIMIT 24', 'loaded']);
  });

  it.each([
    ['to learn the address of a page', '1..2'],
    ['for the check of the tap', '2'],
  ])('2 is tried again when the kernel had too little memory %s', (_, when) => {
    const script = `
${asked}
console.log(JSON.stringify([attempt(), say(), attempt()]));`;
    const strace = ['strace', '-qq', '-o', '/dev/null', '-e', 'trace=vmsplice', '-e'] as const;
    const seen = run([...strace, `inject=vmsplice:error=ENOMEM:when=${when}`], script);
    // Not at once: it takes long, and may fail for ever.
    expect(seen).toEqual(['ERR_SLUICE_LIMIT 12', 'ERR_SLUICE_LIMIT 12', 'loaded']);
  });

  it('3 is refused as a shortage where the kernel has no memory for its programs', () => {
    const script = `
const { kernelEngine } = await import(${module('engine/taps/pipe.js')});
const { code, errno, message } = kernelEngine().error;
console.log(JSON.stringify({ code, errno, message }));`;
    const strace = ['strace', '-qq', '-o', '/dev/null', '-e', 'trace=bpf', '-e'] as const;
    expect(run([...strace, 'inject=bpf:error=ENOMEM'], script)).toMatchObject({
      code: 'ERR_SLUICE_LIMIT',
      errno: 12,
    });
  });
});

describe('sluice/libbpf', () => {
  it('4 opens and loads as soon as there are descriptors for it', () => {
    const script = `
const { openObject } = await import(${module('libbpf/index.js')});
const attempt = () => {
  try {
    openObject(${JSON.stringify(testObject('core'))}).load().close();
    return 'loaded';
  } catch ({ code, message, errno }) {
    return code === 'ERR_SLUICE_LIMIT' ? code + ' ' + errno : message;
  }
};
${scarce}`;
    expect(run(fewDescriptors, script)).toEqual(['ERR_SLUICE_LIMIT 24', 'loaded']);
  });

  it('5 makes a buffer, and waits for it, as soon as there are descriptors for it', () => {
    const script = `
const { openObject, ringBuffer } = await import(${module('libbpf/index.js')});
const loaded = openObject(${JSON.stringify(testObject('core'))}).load();
const early = ringBuffer(loaded.map('records'));
const attempt = () => { try { ringBuffer(loaded.map('records')).close(); return 'made'; } catch ({ code, errno }) { return code + ' ' + errno; } };
${exhaust}
const made = attempt();
const waiting = await early.next().catch(({ code }) => code);
for (const fd of taken) fs.closeSync(fd);
const next = early.next();
loaded.program('produce').run({ context: new Uint8Array(BigUint64Array.of(65n, 1n).buffer) });
console.log(JSON.stringify([made, waiting, (await next).value[0], attempt()]));`;
    expect(run(fewDescriptors, script)).toEqual(['ERR_SLUICE_LIMIT 24', 'ERR_SLUICE_LIMIT', 65, 'made']);
  });

  it.each([
    ['hasProgramType', "hasProgramType('raw_tracepoint')"],
    ['hasMapType', "hasMapType('hash')"],
    ['hasHelper', "hasHelper('raw_tracepoint', 'bpf_ringbuf_output')"],
  ])('6 %s does not deny what it could not try', (name, call) => {
    const script = `
const { ${name} } = await import(${module('libbpf/index.js')});
const attempt = () => { try { return ${call}; } catch ({ code, errno }) { return code + ' ' + errno; } };
${scarce}`;
    expect(run(fewDescriptors, script)).toEqual(['ERR_SLUICE_LIMIT 24', true]);
  });
});

describe('the probe', () => {
  it('7 does not deny what it could not try', () => {
    const script = `
${waiting}
const { probe } = await import(${module('index.js')});
const attempt = () => {
  later += 5000;
  try {
    const { engines, programTypes } = probe();
    return [engines.bpf.available, programTypes.socket_filter.available].join();
  } catch ({ code, errno }) {
    return code + ' ' + errno;
  }
};
${scarce}`;
    const there = [engines.includes('kernel'), hasProgramType('socket_filter')].join();
    expect(run(fewDescriptors, script)).toEqual(['ERR_SLUICE_LIMIT 24', there]);
  });
});
