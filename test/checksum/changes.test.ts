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
import { describe, expect, it } from 'vitest';
import { checksum, createChecksum } from '../../lib/index.js';
import { endlessFile } from '../helpers/endless.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder, waitForLease } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { start } from '../helpers/program.js';
import { reference } from '../helpers/reference.js';

needs('python3');

const folder = temporaryFolder();
/** Long enough to sum that a change made when it begins comes in the middle; sparse, so quickly made. */
function longFile(): string {
  const path = fileOf(folder, 0);
  truncateSync(path, 3 * 2 ** 30);
  return path;
}

describe.each(engines)('checksum() of a file, in %s', (engine) => {
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

  it.each(Object.entries(changes))('fails if the file is %s while it is read', async (_, change) => {
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

  it('fails if the mode of the file changes while it is read', async () => {
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

  it('fails if the holder of the descriptor writes while it is read', async () => {
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

describe.each(engines)('checksum() of a file that somebody may write to, in %s', (engine) => {
  it('is refused while a writer has the file open, and works after it is closed', async () => {
    const content = randomBytes(10_000);
    const path = fileOf(folder, content);
    const { line, stdin, ended } = start(new URL('programs/opening.py', import.meta.url), [path]);
    expect(await line()).toBe('open');
    await expect(checksum(path, { engine })).rejects.toMatchObject({ code: 'ERR_SLUICE_WRITER', path });
    stdin.end();
    await ended;
    expect(await checksum(path, { engine })).toMatchObject({
      value: reference('adler32', content),
      writers: 'none',
    });
  });

  it('is refused while the file is mapped for writing, though stores move no time stamp', async () => {
    const path = fileOf(folder, 10_000);
    const program = start(new URL('programs/mapped.py', import.meta.url), [path, '10000']);
    expect(await program.line()).toBe('mapped');
    await expect(checksum(path, { engine })).rejects.toMatchObject({ code: 'ERR_SLUICE_WRITER' });
  });

  it('says that the caller itself may write', async () => {
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

  it('gives a value of the whole file at one moment, or an error, however close the writes are', async () => {
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

describe('checksum() by a user who can take no lease', () => {
  const program = new URL('programs/as-nobody.mjs', import.meta.url);

  it('goes by time stamps alone, and says that writers are unknown', async () => {
    const content = randomBytes(50_000);
    const path = fileOf(folder, content);
    chmodSync(folder, 0o755);
    chmodSync(path, 0o644);
    const before = statSync(path).ctimeMs;
    const printed = (await start(program, [path]).rest()).split('\n').at(-1) ?? '';
    const hex = createChecksum('adler32').update(content).digest('hex');
    expect(JSON.parse(printed)).toEqual({ hex, writers: 'unknown' });
    expect(statSync(path).ctimeMs).toBe(before);
  });

  it('fails if a write moves the time stamps', async () => {
    const path = longFile();
    chmodSync(path, 0o644);
    const { line, rest } = start(program, [path]);
    expect(await line()).toBe('reading');
    writeFileSync(path, 'x', { flag: 'r+' });
    expect(JSON.parse(await rest())).toEqual({ code: 'ERR_SLUICE_CHANGED', path });
  });
});
