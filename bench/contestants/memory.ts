/** How fast bytes are reduced that are in memory already: nothing is read, so only the algorithm counts. */

import { randomFillSync } from 'node:crypto';
import { Bench } from 'tinybench';
import type { AlgorithmName } from '#lib/engine/algorithms.js';
import { algorithmIndex, initialValue } from '#lib/engine/algorithms.js';
import type { Contestant, Parameters } from '#lib/measure/rounds.js';
import { native } from '#lib/native/index.js';
import { javaScriptPackages } from './packages.js';

/** What bench/native/yardstick.c takes too: it fits into the L2 cache. */
const bufferSize = 512 * 1024;

const buffer = randomFillSync(Buffer.allocUnsafeSlow(bufferSize));

/** Calls take microseconds: tinybench makes many of them and gives the median. */
function called(name: string, parameters: Parameters, call: () => void): Contestant {
  return {
    name,
    parameters,
    async pass() {
      const bench = new Bench({ time: 20, warmup: false, throws: true });
      bench.add(name, call);
      const cpu = process.cpuUsage();
      const [task] = await bench.run();
      const { user, system } = process.cpuUsage(cpu);
      const result = task?.result;
      if (!result || !('latency' in result)) throw new Error(`${name} was not measured`);
      const { p50, samplesCount } = result.latency;
      return {
        bytes: bufferSize,
        took: {
          wallNs: p50 * 1e6,
          userNs: (user * 1e3) / samplesCount,
          systemNs: (system * 1e3) / samplesCount,
        },
      };
    },
  };
}

/** Ours first, then the packages that have the algorithm. */
export async function memoryContestants(algorithm: AlgorithmName): Promise<Contestant[]> {
  const index = algorithmIndex(algorithm);
  const init = initialValue(algorithm);
  const contestants = [
    called('user space', { backend: 'userspace', algorithm }, () => void native.update(index, init, buffer)),
  ];
  for (const each of javaScriptPackages().packages.filter((one) => one.algorithm === algorithm)) {
    const run = await each.begin();
    contestants.push(called(each.name, { backend: 'other', algorithm }, () => run.update(buffer)));
  }
  return contestants;
}
