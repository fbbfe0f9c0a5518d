/** The example, as a user starts it. */

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../examples/opensnoop/opensnoop.mjs', import.meta.url));

it('opensnoop shows what a process opens, and ends at Ctrl-C', async () => {
  const child = spawn(process.execPath, [script, '--pid', String(process.pid)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  let interrupted = false;
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    // The heading says that the programs are attached.
    if (lines.length === 1) {
      closeSync(openSync('/proc/version', 'r'));
      expect(() => openSync('/no/such/file', 'r')).toThrow();
    }
    if (line.endsWith(' /no/such/file') && !interrupted) interrupted = child.kill('SIGINT');
  }
  const status = child.exitCode ?? (await new Promise((resolve) => child.once('exit', resolve)));
  expect(status).toBe(0);
  expect(lines[0]).toMatch(/^PID +COMMAND +RESULT +PATH$/);
  const opened = lines.filter((line) => line.startsWith(`${process.pid} `));
  expect(opened.some((line) => /\s\d+ +\/proc\/version$/.test(line))).toBe(true);
  expect(opened.some((line) => /\sENOENT +\/no\/such\/file$/.test(line))).toBe(true);
  expect(opened).toHaveLength(lines.length - 1);
});

it('opensnoop says what is wrong with its arguments', () => {
  const { status, stderr } = spawnSync(process.execPath, [script, '--pid', 'abc'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toBe('opensnoop: "abc" is no process id\n');
});
