/** Runs a script that uses sluice/libbpf in a process of its own, whose end is part of the test. */

import { spawnSync } from 'node:child_process';
import { testObject } from '../support.js';

const libbpf = JSON.stringify(new URL('../../../dist/libbpf/index.js', import.meta.url).href);

export interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  output: string;
  errors: string;
}

/** In the script: `libbpf` is the module, `object` the path of core.bpf.o, `produce(loaded, number, count)` as it says. */
export function runScript(script: string, ...flags: string[]): Ended {
  const preamble = `
    import * as libbpf from ${libbpf};
    const object = ${JSON.stringify(testObject('core'))};
    const produce = (loaded, number, count) =>
      loaded.program('produce').run({ context: new Uint8Array(BigUint64Array.of(number, count).buffer) });
  `;
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, '--input-type=module', '-e', preamble + script],
    { encoding: 'utf8', timeout: 120_000 },
  );
  return { status, signal, output: stdout.trim(), errors: stderr.trim() };
}
