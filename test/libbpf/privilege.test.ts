/** What a process without capabilities is told. */

import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { testObject } from './support.js';

it('1 says which capabilities a load lacks', () => {
  const script = `
    const { openObject } = await import(${JSON.stringify(new URL('../../dist/libbpf/index.js', import.meta.url).href)});
    try {
      openObject(${JSON.stringify(testObject('core'))}).load();
    } catch ({ code, message }) {
      console.log(code, message);
    }`;
  const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--inh-caps', '-all'];
  const { stdout } = spawnSync(
    'setpriv',
    [...nobody, process.execPath, '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  );
  expect(stdout).toContain('ERR_SLUICE_NO_CAPABILITY');
  expect(stdout).toContain('lacks CAP_BPF and CAP_PERFMON');
});
