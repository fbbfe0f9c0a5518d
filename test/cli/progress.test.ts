import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Progress } from '../../lib/cli/output/progress.js';
import { binary, directory } from './run.js';

function stream(properties: object): { stream: NodeJS.WriteStream; written: string[] } {
  const written: string[] = [];
  const write = (text: string) => written.push(text);
  return { stream: { write, ...properties } as unknown as NodeJS.WriteStream, written };
}

describe('the line', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubEnv('TERM', 'xterm');
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  it('is not written for work that is done before long', () => {
    const { stream: terminal, written } = stream({ isTTY: true, columns: 80 });
    const progress = new Progress(['-'], terminal);
    vi.advanceTimersByTime(400);
    progress.stop();
    vi.advanceTimersByTime(10_000);
    expect(written).toEqual([]);
  });

  it.each([
    ['a file', { isTTY: false }, 'xterm'],
    ['a terminal that knows no escapes', { isTTY: true, columns: 80 }, 'dumb'],
  ])('is not written to %s', (_, properties, term) => {
    vi.stubEnv('TERM', term);
    const { stream: target, written } = stream(properties);
    const progress = new Progress(['-'], target);
    vi.advanceTimersByTime(10_000);
    progress.stop();
    expect(written).toEqual([]);
  });

  it('tells bytes, files, speed and the time that is left, and is gone at the end', () => {
    const cwd = directory();
    const names = ['a', 'b'].map((name) => join(cwd, name));
    for (const name of names) writeFileSync(name, Buffer.alloc(1_000_000));
    const { stream: terminal, written } = stream({ isTTY: true, columns: 80 });
    const progress = new Progress(names, terminal);
    progress.onBytes(500_000);
    vi.advanceTimersByTime(1000);
    expect(written.at(-1)).toBe('\r\u001b[K0 of 2 files, 500.0 kB of 2.0 MB, 500.0 kB/s, 3 s left');
    let seen = 0;
    progress.onFile(() => {
      seen = written.length;
    });
    expect(written[seen - 1]).toBe('\r\u001b[K');
    progress.onBytes(1_000_000);
    vi.advanceTimersByTime(1000);
    expect(written.at(-1)).toBe('\r\u001b[K1 of 2 files, 1.0 MB of 2.0 MB, 500.0 kB/s, 2 s left');
    progress.stop();
    expect(written.at(-1)).toBe('\r\u001b[K');
    const end = written.length;
    vi.advanceTimersByTime(10_000);
    expect(written).toHaveLength(end);
  });

  it('fits into the terminal, or into 80 columns where that tells no width', () => {
    for (const [columns, width] of [
      [20, 19],
      [0, 79],
    ] as const) {
      const { stream: terminal, written } = stream({ isTTY: true, columns });
      const progress = new Progress(['-', ...Array.from({ length: 10 ** 6 }, () => 'x')], terminal);
      progress.onBytes(123_456_789_012);
      vi.advanceTimersByTime(1000);
      progress.stop();
      expect(Math.max(...written.map((text) => text.replace('\r\u001b[K', '').length))).toBeLessThanOrEqual(
        width,
      );
    }
  });
});

it('is seen on a terminal while standard input is open, and not in the result', async () => {
  const cwd = directory();
  const fifo = join(cwd, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const command = `stty cols 100; '${process.execPath}' '${binary}' sum - < fifo > result`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm' },
  });
  // Open for reading too, so that it does not wait for the other end.
  const descriptor = openSync(fifo, 'r+');
  writeSync(descriptor, 'abc');
  let shown = '';
  let open = true;
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (open && shown.includes('B/s')) {
      open = false;
      closeSync(descriptor);
    }
  });
  const [status] = (await once(child, 'close')) as [number | null];
  expect(status).toBe(0);
  expect(shown).toContain('3 B, ');
  expect(shown.endsWith('\r\u001b[K')).toBe(true);
  expect(execFileSync('cat', ['result'], { cwd }).toString()).toBe('024d0127  -\n');
});
