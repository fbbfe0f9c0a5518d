import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { calibrationOf, storeCalibration } from '../../lib/engine/calibration.js';
import { algorithms, createChecksum } from '../../lib/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { start } from '../helpers/program.js';

needs('strace');

const folder = temporaryFolder();
const program = new URL('programs/stopping.mjs', import.meta.url);
const content = randomBytes(12_000_000);
const values = Object.fromEntries(
  algorithms.map((name) => [name, createChecksum(name).update(content).digest('hex')]),
);

/** The kernel refuses to run the program after each thread has run it a few times: as if the policy had changed. */
async function stopped(engine: string, sink: string): Promise<Record<string, unknown>> {
  const env = { ...process.env, XDG_CACHE_HOME: folder };
  const { child, stdin, line, rest } = start(program, [engine, fileOf(folder, content), sink], { env });
  expect(await line()).toBe('bpf');
  const inject = ['-e', 'trace=bpf', '-e', 'inject=bpf:error=EPERM:when=4+'];
  const tracer = spawn('strace', ['-f', '-o', '/dev/null', ...inject, '-p', String(child.pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await once(tracer.stderr, 'data'); // "attached"
  stdin.write('go');
  const [told] = await Promise.all([rest(), once(tracer, 'exit')]);
  return JSON.parse(told);
}

describe.runIf(engines.includes('kernel'))('a kernel engine that stops in the middle', () => {
  const point = { bytes: 4096, seconds: { userspace: 2, bpf: 1 } };

  it.each(['stored', '/dev/null'])('leaves the rest to user space, with the sink %s', async (name) => {
    vi.stubEnv('XDG_CACHE_HOME', folder);
    storeCalibration(calibrationOf(algorithms.map((algorithm) => ({ algorithm, ...point }))));
    vi.unstubAllEnvs();
    const sink = join(folder, name);
    const { backendReason, ...told } = await stopped('auto', name === 'stored' ? sink : name);
    expect(told).toEqual({ bytes: content.length, backend: 'userspace', values, again: values['adler32'] });
    const [, at] =
      /^the kernel stopped at byte (\d+): the kernel did not run the program$/.exec(String(backendReason)) ??
      [];
    expect(Number(at)).toBeGreaterThan(0);
    expect(Number(at)).toBeLessThan(content.length);
    if (name === 'stored') expect(readFileSync(sink).equals(content)).toBe(true);
  });

  it('is an error where it is insisted on', async () => {
    const told = await stopped('kernel', join(folder, 'insisted'));
    expect(told).toMatchObject({
      code: 'ERR_SLUICE_KERNEL_ENGINE',
      message: expect.stringContaining('the kernel did not run the program'),
      again: values['adler32'],
    });
    expect(told['bytes']).toBeGreaterThan(0);
    expect(told['bytes']).toBeLessThan(content.length);
  });
});
