import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  openSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { checksum, createChecksum } from '../../lib/index.js';
import { endlessFile } from '../helpers/endless.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder, waitForLease } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { reference } from '../helpers/reference.js';

needs('python3');

const folder = temporaryFolder();
const helpers: ChildProcess[] = [];
afterEach(() => {
  for (const helper of helpers.splice(0)) helper.kill();
});

/** Long enough to sum that a change made when it begins comes in the middle; sparse, so quickly made. */
function longFile(): string {
  const path = fileOf(folder, 0);
  truncateSync(path, 3 * 2 ** 30);
  return path;
}

/** Starts a program that does something to the file and prints a line when it has; it stays until it is killed. */
async function started(script: string, path: string): Promise<void> {
  const helper = spawn('python3', ['-c', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  helpers.push(helper);
  await new Promise<void>((resolve, reject) => {
    helper.stdout.once('data', () => resolve());
    helper.once('exit', (code) => reject(new Error(`the helper ended with ${code}`)));
  });
}

describe.each(engines)('a file that is changed while %s sums it', (engine) => {
  const changes: Record<string, (path: string) => void> = {
    'appended to': (path) => appendFileSync(path, 'x'),
    truncated: (path) => truncateSync(path, 4096),
    'truncated and grown back': (path) => {
      const { size } = statSync(path);
      truncateSync(path, 4096);
      truncateSync(path, size);
    },
    overwritten: (path) => {
      const fd = openSync(path, 'r+');
      writeSync(fd, 'changed', 5);
      closeSync(fd);
    },
    'opened for writing': (path) => closeSync(openSync(path, 'r+')),
  };

  it.each(Object.entries(changes))('1. %s', async (_, change) => {
    // The lease tells at once: without that the sum would not end.
    const path = endlessFile(folder);
    const summing = expect(checksum(path, { engine })).rejects.toMatchObject({
      code: 'ERR_SLUICE_CHANGED',
      path,
    });
    waitForLease(statSync(path).ino);
    change(path);
    await summing;
  });

  it('1. chmodded', async () => {
    // Which breaks no lease: it has to come after the first look at the file, and not only after the lease.
    const path = longFile();
    let changed = false;
    const onProgress = () => {
      if (!changed) chmodSync(path, 0o600);
      changed = true;
    };
    await expect(checksum(path, { engine, onProgress })).rejects.toMatchObject({
      code: 'ERR_SLUICE_CHANGED',
      path,
    });
  });

  it('2. by the holder of the descriptor it was handed', async () => {
    const fd = openSync(longFile(), 'r+');
    try {
      let changed = false;
      const result = checksum(fd, {
        engine,
        onProgress: () => {
          if (!changed) writeSync(fd, 'changed', 5);
          changed = true;
        },
      });
      await expect(result).rejects.toMatchObject({ code: 'ERR_SLUICE_CHANGED' });
    } finally {
      closeSync(fd);
    }
  });
});

describe.each(engines)('a file that somebody may write to, in %s', (engine) => {
  it('3. is refused while a writer has it open, and summed when it is closed', async () => {
    const content = randomBytes(10_000);
    const path = fileOf(folder, content);
    await started(
      'import sys,time; f=open(sys.argv[1],"r+b"); print("open",flush=True); time.sleep(60)',
      path,
    );
    await expect(checksum(path, { engine })).rejects.toMatchObject({ code: 'ERR_SLUICE_WRITER', path });
    const helper = helpers.pop();
    const gone = new Promise((resolve) => helper?.once('exit', resolve));
    helper?.kill();
    await gone;
    expect(await checksum(path, { engine })).toMatchObject({
      value: reference('adler32', content),
      writers: 'none',
    });
  });

  it('4. is refused while it is mapped writable, though stores move no time stamp', async () => {
    const path = fileOf(folder, 10_000);
    const script = `
import ctypes, os, sys, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
fd = os.open(sys.argv[1], os.O_RDWR)
memory = libc.mmap(None, 10000, 3, 1, fd, 0) # readable and writable, shared
os.close(fd) # nothing but the mapping is left
ctypes.memset(memory, 1, 1)
print("mapped", flush=True)
for i in range(600000): ctypes.memset(memory, i % 256, 1); time.sleep(0.0001)`;
    await started(script, path);
    await expect(checksum(path, { engine })).rejects.toMatchObject({ code: 'ERR_SLUICE_WRITER' });
  });

  it('5. says that the caller itself may write', async () => {
    const content = randomBytes(10_000);
    const path = fileOf(folder, content);
    const fd = openSync(path, 'r+');
    try {
      expect(await checksum(fd, { engine })).toMatchObject({
        value: reference('adler32', content),
        writers: 'self',
      });
    } finally {
      closeSync(fd);
    }
  });

  it('6. only ever has a value of the whole file at one moment, however close the writes are', async () => {
    const size = 262_144;
    const piece = 16_384;
    const [a, b] = [randomBytes(size), randomBytes(size)];
    // What the file holds after each write, one after the other: anything else is of two moments.
    const moments = Array.from({ length: size / piece + 1 }, (_, written) =>
      createChecksum('adler32')
        .update(b.subarray(0, written * piece))
        .update(a.subarray(written * piece))
        .digest(),
    );
    const fd = openSync(fileOf(folder, a), 'r+');
    try {
      for (let round = 0; round < 200; round++) {
        writeSync(fd, a, 0, size, 0);
        // Within the same tick of the coarse clock as the write before it, where the kernel's stamps have ticks.
        const summing = checksum(fd, { engine }).catch((error) => error);
        for (let at = 0; at < size; at += piece) writeSync(fd, b, at, piece, at);
        const result = await summing;
        if (result instanceof Error) expect(result).toMatchObject({ code: 'ERR_SLUICE_CHANGED' });
        else expect(moments).toContain(result.value);
      }
    } finally {
      closeSync(fd);
    }
  });
});

describe('a user who can take no lease', () => {
  it('7. learns from time stamps alone, and is told that writers are unknown', () => {
    const path = fileOf(folder, randomBytes(50_000));
    chmodSync(folder, 0o755);
    chmodSync(path, 0o644);
    const script = `
process.setgid(65534); process.setuid(65534);
const { checksum } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
const { writers, hex, backend } = await checksum(${JSON.stringify(path)}, { engine: 'userspace' });
console.log(JSON.stringify({ writers, hex, backend }));`;
    const before = statSync(path).ctimeMs;
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(JSON.parse(printed)).toMatchObject({ writers: 'unknown', backend: 'userspace' });
    expect(statSync(path).ctimeMs).toBe(before);
  });

  it('8. and a write that moves them is noticed', async () => {
    const path = longFile();
    chmodSync(path, 0o644);
    const script = `
process.setgid(65534); process.setuid(65534);
const { checksum } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
let told = false;
const onProgress = () => { if (!told) console.log('reading'); told = true; };
await checksum(${JSON.stringify(path)}, { engine: 'userspace', onProgress }).then(
  () => console.log('VALUE'), (error) => console.log(error.code));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    helpers.push(child);
    let printed = '';
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => {
        if (!printed) writeFileSync(path, 'x', { flag: 'r+' });
        printed += chunk;
      });
      child.on('exit', () => resolve());
    });
    expect(printed.trim().split('\n')).toEqual(['reading', 'ERR_SLUICE_CHANGED']);
  });
});
