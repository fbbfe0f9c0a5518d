/** A process that has no descriptor, or no memory, to spare when it first asks for the kernel engine. */

import { describe, expect, it } from 'vitest';
import { hasProgramType } from '../../lib/libbpf/index.js';
import { engines } from '../helpers/engines.js';
import { needs } from '../helpers/needs.js';
import { start } from '../helpers/program.js';
import { testObject } from '../libbpf/support.js';

needs('strace');

const program = new URL('programs/short.mjs', import.meta.url);

async function seen(under: readonly string[], ...scene: string[]): Promise<unknown> {
  return JSON.parse(await start(program, scene, { under }).rest());
}

const fewDescriptors = ['prlimit', '--nofile=160'];

/** The kernel fails these calls. */
const failing = (call: string, how: string) => {
  const strace = ['strace', '-qq', '-o', '/dev/null', '-e', `trace=${call}`];
  return [...strace, '-e', `inject=${call}:error=${how}`];
};

describe.runIf(engines.includes('kernel'))('the kernel engine', () => {
  it('is there as soon as there are descriptors for it', async () => {
    expect(await seen(fewDescriptors, 'engine')).toEqual(['ERR_SLUICE_LIMIT 24', 'loaded']);
  });

  it.each([
    ['to learn the address of a page', '1..2'],
    ['for the check of the tap', '2'],
  ])('is tried again, after a while, when the kernel had too little memory %s', async (_, when) => {
    // Not at once: it takes long, and may fail for ever.
    expect(await seen(failing('vmsplice', `ENOMEM:when=${when}`), 'engineAgain')).toEqual([
      'ERR_SLUICE_LIMIT 12',
      'ERR_SLUICE_LIMIT 12',
      'loaded',
    ]);
  });

  it('is refused as a shortage where the kernel has no memory for its programs', async () => {
    expect(await seen(failing('bpf', 'ENOMEM'), 'engineRefused')).toEqual({
      code: 'ERR_SLUICE_LIMIT',
      errno: 12,
    });
  });
});

describe('sluice/libbpf', () => {
  it('opens and loads as soon as there are descriptors for it', async () => {
    const tried = await seen(fewDescriptors, 'object', testObject('core'));
    expect(tried).toEqual(['ERR_SLUICE_LIMIT 24', 'loaded']);
  });

  it('makes a buffer, and waits for it, as soon as there are descriptors for it', async () => {
    const tried = await seen(fewDescriptors, 'buffer', testObject('core'));
    expect(tried).toEqual(['ERR_SLUICE_LIMIT 24', 'ERR_SLUICE_LIMIT', 65, 'made']);
  });

  it.each(['hasProgramType', 'hasMapType', 'hasHelper'])(
    '%s does not deny what it could not try',
    async (name) => {
      expect(await seen(fewDescriptors, 'feature', name)).toEqual(['ERR_SLUICE_LIMIT 24', true]);
    },
  );
});

describe('the probe', () => {
  it('does not deny what it could not try', async () => {
    const there = [engines.includes('kernel'), hasProgramType('socket_filter')].join();
    expect(await seen(fewDescriptors, 'probe')).toEqual(['ERR_SLUICE_LIMIT 24', there]);
  });
});
