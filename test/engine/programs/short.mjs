/**
 * Asks for something of the kernel while it is short of descriptors or memory, and prints as JSON what came of it.
 *
 * node short.mjs SCENE [OBJECT OR CALL]
 */

import { closeSync } from 'node:fs';
import { probe } from 'sluice';
import * as libbpf from 'sluice/libbpf';
import { kernelEngine } from '#lib/engine/taps/pipe.js';
import { exhaust } from '../../helpers/exhaust.mjs';

const [scene, argument] = process.argv.slice(2);

const now = performance.now.bind(performance);
let later = 0;
performance.now = () => now() + later;
/** After a shortage the engine is not tried again for a while: goes past that. */
function passLull() {
  later += 5000;
}

/**
 * Takes every descriptor, then gives one back at a time until an attempt does not fail any more. The different things
 * that came of the attempts, and of another one.
 */
function scarce(attempt) {
  const taken = exhaust();
  const seen = [];
  do {
    seen.push(attempt());
    closeSync(taken.pop());
  } while (taken.length > 0 && String(seen.at(-1)).startsWith('ERR_'));
  seen.push(attempt());
  return [...new Set(seen)];
}

/** What a call gives, or its error. */
function outcome(call) {
  try {
    return call();
  } catch ({ code, errno }) {
    return `${code} ${errno}`;
  }
}

function askForEngine() {
  const { available, error } = kernelEngine();
  return available ? 'loaded' : `${error.code} ${error.errno}`;
}

function askAfterLull() {
  passLull();
  return askForEngine();
}

const features = {
  hasProgramType: () => libbpf.hasProgramType('raw_tracepoint'),
  hasMapType: () => libbpf.hasMapType('hash'),
  hasHelper: () => libbpf.hasHelper('raw_tracepoint', 'bpf_ringbuf_output'),
};

const scenes = {
  engine: () => scarce(askAfterLull),

  engineAgain: () => [askForEngine(), askForEngine(), askAfterLull()],

  engineRefused() {
    const { code, errno } = kernelEngine().error;
    return { code, errno };
  },

  object() {
    return scarce(() =>
      outcome(() => {
        libbpf.openObject(argument).load().close();
        return 'loaded';
      }),
    );
  },

  async buffer() {
    const loaded = libbpf.openObject(argument).load();
    const early = libbpf.ringBuffer(loaded.map('records'));
    const make = () =>
      outcome(() => {
        libbpf.ringBuffer(loaded.map('records')).close();
        return 'made';
      });
    const taken = exhaust();
    const made = make();
    const waiting = await early.next().catch(({ code }) => code);
    for (const fd of taken) closeSync(fd);
    const next = early.next();
    loaded.program('produce').run({ context: new Uint8Array(BigUint64Array.of(65n, 1n).buffer) });
    return [made, waiting, (await next).value[0], make()];
  },

  feature: () => scarce(() => outcome(features[argument])),

  probe() {
    return scarce(() =>
      outcome(() => {
        passLull();
        const { backends, programTypes } = probe();
        return [backends.bpf.available, programTypes.socket_filter.available].join();
      }),
    );
  },
};

console.log(JSON.stringify(await scenes[scene]()));
