import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createChecksum } from '../../lib/index.js';
import { relay } from '../../lib/relay/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';

// tmpfs has no O_DIRECT before Linux 6.6, and the virtual machines have it for /tmp.
const folder = temporaryFolder(process.env['SLUICE_DISK_EXT4']);

describe('a source', () => {
  // One at a time: two who read the log see the same message there, one takes it, and the kernel has the other wait for
  // the next, O_NONBLOCK or not.
  it('of /proc that waits for more is timed out and given up, and holds no thread', async () => {
    const sink = openSync(fileOf(folder, 0), 'r+');
    const log = openSync('/proc/kmsg', 'r');
    for (let i = 0; i < 5; i++) {
      await expect(relay(log, sink, { idleTimeout: 50 })).rejects.toMatchObject({
        code: 'ERR_SLUICE_TIMEOUT',
      });
    }
    const given = relay(log, sink, { signal: AbortSignal.timeout(100) });
    await expect(given).rejects.toMatchObject({ code: 'ERR_SLUICE_ABORTED' });
    for (const fd of [log, sink]) closeSync(fd);
  });

  it('open with O_DIRECT gives whole blocks, and says so', async () => {
    const content = randomBytes(1_000_000);
    const path = fileOf(folder, 0);
    const source = openSync(fileOf(folder, content), constants.O_RDONLY | constants.O_DIRECT);
    const sink = openSync(path, 'r+');
    expect((await relay(source, sink)).bytes).toBe(content.length);
    expect(readFileSync(path).equals(content)).toBe(true);
    await expect(relay(source, sink, { range: { start: 100 } })).rejects.toMatchObject({
      code: 'ERR_SLUICE_OPTION',
      message: expect.stringContaining('The source is open with O_DIRECT'),
    });
    for (const fd of [source, sink]) closeSync(fd);
  });
});

describe.each(engines)('a relay within one file, %s measuring', (engine) => {
  const content = randomBytes(3_000_000);

  it.each([
    [0, 1_500_000],
    [1_500_000, 0],
    [100_000, 2_900_000],
  ])('moves a part from byte %d to byte %d, which does not overlap', async (start, sinkOffset) => {
    const path = fileOf(folder, content);
    const [source, sink] = [openSync(path, 'r'), openSync(path, 'r+')];
    const { checksums } = await relay(source, sink, {
      engine,
      range: { start, end: start + 1_500_000 },
      sinkOffset,
    });
    const part = content.subarray(start, start + 1_500_000);
    expect(checksums.adler32?.value).toBe(createChecksum('adler32').update(part).digest());
    const stored = Buffer.concat([
      content.subarray(0, sinkOffset),
      part,
      content.subarray(Math.min(sinkOffset + part.length, content.length)),
    ]);
    expect(readFileSync(path).equals(stored)).toBe(true);
    for (const fd of [source, sink]) closeSync(fd);
  });

  it.each([
    ['all of it after itself', 'r+', { sinkOffset: 3_000_000 }],
    ['all of it onto itself', 'r+', {}],
    ['a part to where it ends', 'r+', { range: { end: 100_001 }, sinkOffset: 100_000 }],
    ['a part to where it begins', 'r+', { range: { start: 100_000, end: 200_001 } }],
    ['its end, appended', 'a+', { range: { start: 2_000_000, end: 3_000_001 } }],
  ] as const)('refuses %s', async (_, mode, options) => {
    const path = fileOf(folder, content);
    const [source, sink] = [openSync(path, 'r'), openSync(path, mode)];
    await expect(relay(source, sink, { engine, ...options })).rejects.toMatchObject({
      code: 'ERR_SLUICE_OPTION',
      message: expect.stringContaining('overlap'),
    });
    expect(readFileSync(path).equals(content)).toBe(true);
    for (const fd of [source, sink]) closeSync(fd);
  });
});
