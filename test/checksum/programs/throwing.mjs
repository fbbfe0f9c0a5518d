/**
 * Throws in what a caller passes in, and prints what it catches of that, beside the sizes of what was summed.
 *
 * node throwing.mjs SCENE PATH
 */

import { openSync, writeSync } from 'node:fs';
import { checksum, checksumAll } from 'sluice';
import { relay } from 'sluice/relay';

const [scene, path] = process.argv.slice(2);

const tell = ({ code = '', message }) => console.log(code + message.split('. ')[0]);

function onProgress(bytes) {
  throw new Error(bytes < 2 ** 32 ? 'own, at work' : 'own, at the end');
}

async function sumAll(sources, options) {
  try {
    for await (const { result, error } of checksumAll(sources, options)) {
      if (result) console.log(result.bytes);
      else tell(error);
    }
  } catch (error) {
    tell(error);
  }
}

const scenes = {
  async noFile() {
    const urls = ['http://example.org/x', 'file:///a%2Fb', 'file:///a%00b'].map((url) => new URL(url));
    await sumAll([path, ...urls], { threads: 4 });
    await checksum(new URL('file://elsewhere/x')).catch(tell);
  },

  async source() {
    const thrower = {
      get fd() {
        throw new Error('own');
      },
    };
    await sumAll([path, thrower], { threads: 2 });
  },

  async progressOfSum() {
    await checksum(path, { onProgress }).catch(tell);
    await sumAll([path, path], { onProgress });
  },

  async progressOfRelay() {
    const source = openSync(path, 'r+');
    writeSync(source, 'more may follow');
    await relay(source, openSync('/dev/null', 'w'), { onProgress }).catch(tell);
  },
};

await scenes[scene]();
