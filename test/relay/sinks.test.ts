import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createChecksum } from '../../lib/index.js';
import { relay } from '../../lib/relay/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, openDescriptors, temporaryFolder } from '../helpers/files.js';
import { sourceOf, startPoller } from './ends.js';

const folder = temporaryFolder();
/** Before Linux 6.6 tmpfs, which the virtual machines have for /tmp, has no O_DIRECT. */
const disk = temporaryFolder(process.env['SLUICE_DISK_EXT4']);
const adler32 = (content: Buffer) => createChecksum('adler32').update(content).digest();

beforeAll(() => startPoller(folder));

describe.each(engines)('a sink, %s measuring', (engine) => {
  it.each([0, 1, 99_999])('has no value if somebody cuts it off to %d bytes', async (rest) => {
    const { end, theirs, close } = await sourceOf(folder, 'unix');
    const path = fileOf(folder, 0);
    const sink = openSync(path, 'r+');
    const relaying = relay(end, sink, { engine, range: { end: 200_000 } }).catch((error) => error);
    theirs.write(randomBytes(100_000));
    await expect.poll(() => statSync(path).size).toBe(100_000);
    truncateSync(path, rest);
    theirs.end(randomBytes(100_000));
    expect(await relaying).toMatchObject({
      code: 'ERR_SLUICE_CHANGED',
      message: expect.stringContaining('became shorter'),
    });
    closeSync(sink);
    close();
  });

  it('has no value if it is cut off after the last byte came', async () => {
    const { end, theirs, close } = await sourceOf(folder, 'unix');
    const path = fileOf(folder, 0);
    const sink = openSync(path, 'r+');
    const relaying = relay(end, sink, { engine }).catch((error) => error);
    theirs.write(randomBytes(100_000));
    await expect.poll(() => statSync(path).size).toBe(100_000);
    truncateSync(path, 50_000);
    theirs.end();
    expect(await relaying).toMatchObject({ code: 'ERR_SLUICE_CHANGED', bytes: 100_000 });
    closeSync(sink);
    close();
  });

  it.each([
    ['for both', constants.O_RDWR],
    ['for writing', constants.O_WRONLY],
  ])('open with O_DIRECT, %s, takes whole blocks, or fails', async (_, mode) => {
    const content = randomBytes(3_000_001);
    const source = openSync(fileOf(folder, content), 'r');
    for (const length of [4096, 2_097_152, 4097, 3_000_001]) {
      const path = fileOf(disk, 0);
      const sink = openSync(path, mode | constants.O_DIRECT);
      const outcome = await relay(source, sink, { engine, range: { end: length } }).catch((error) => error);
      const stored = readFileSync(path);
      expect(stored.equals(content.subarray(0, stored.length))).toBe(true);
      if (length % 4096 === 0 || !(outcome instanceof Error)) {
        expect(outcome).toMatchObject({ bytes: length, checksums: { adler32: { value: adler32(stored) } } });
      } else {
        expect(outcome).toMatchObject({
          code: 'ERR_SLUICE_OPTION',
          message: expect.stringContaining('open with O_DIRECT'),
          bytes: stored.length,
        });
      }
      closeSync(sink);
    }
    closeSync(source);
  });

  it('that is closed, and its number given to another file, gets all of its own bytes', async () => {
    const before = openDescriptors();
    const content = randomBytes(300_000);
    const { end, theirs, close } = await sourceOf(folder, 'fifo');
    const [path, otherPath] = [fileOf(folder, 0), fileOf(folder, Buffer.from('other'))];
    const sink = openSync(path, 'r+');
    const relaying = relay(end, sink, { engine });
    closeSync(sink);
    const other = openSync(otherPath, 'r+');
    expect(other).toBe(sink);
    theirs.end(content);
    expect((await relaying).checksums.adler32?.value).toBe(adler32(content));
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(readFileSync(otherPath, 'utf8')).toBe('other');
    closeSync(other);
    close();
    await expect.poll(openDescriptors).toEqual(before);
  });
});
