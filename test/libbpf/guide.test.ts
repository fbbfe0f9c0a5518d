/** The program in docs/libbpf.md runs as it stands there. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../lib/native/index.js';

it('the program prints what it says', () => {
  const program =
    /```js\n([\s\S]*?)```/.exec(readFileSync(join(packageRoot, 'docs/libbpf.md'), 'utf8'))?.[1] ?? '';
  const statements = program.split('\n').filter((line) => line && !line.startsWith('//'));
  expect(statements.length).toBeLessThanOrEqual(25);
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: packageRoot,
    encoding: 'utf8',
    timeout: 120_000,
  });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  // What Node calls its thread: `node`, in 24 `MainThread`, in 26 `node-MainThread`.
  expect(ran.stdout).toMatch(/^(node|MainThread|node-MainThread) \d+ \/proc\/version$/m);
});
