import { randomBytes } from 'node:crypto';
import { closeSync, openSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checksum, createChecksum } from '../../lib/index.js';
import { endlessFile, endlessSums } from '../helpers/endless.js';
import { engines } from '../helpers/engines.js';
import { fileOf, openDescriptors, temporaryFolder, waitForLease } from '../helpers/files.js';

const folder = temporaryFolder();

describe.each(engines)('a sum for two threads, of which %s gets one', (engine) => {
  it('is done by that one', async () => {
    const content = randomBytes(2 ** 25 + 1);
    const stopBefore = endlessSums(folder);
    const summing = checksum(fileOf(folder, content), { engine, threads: 2 });
    // Before the thread that comes free begins: what it leaves to others comes after all of these.
    const stopAfter = endlessSums(folder);
    await stopBefore();
    expect((await summing).value).toBe(createChecksum('adler32').update(content).digest());
    await stopAfter();
  });

  it('ends at once when a writer comes', async () => {
    const path = endlessFile(folder);
    const stopBefore = endlessSums(folder);
    const summing = checksum(path, { engine, threads: 2 });
    const changed = expect(summing).rejects.toMatchObject({ code: 'ERR_SLUICE_CHANGED' });
    const stopAfter = endlessSums(folder);
    await stopBefore();
    waitForLease(statSync(path).ino);
    const writer = await open(path, 'r+');
    await changed;
    await writer.close();
    await stopAfter();
  });
});

describe('a sum that waits for a thread', () => {
  it('is abandoned at once, and keeps no descriptor', async () => {
    const path = fileOf(folder, 10);
    const fd = openSync(path, 'r');
    const stopOthers = endlessSums(folder);
    const controller = new AbortController();
    const queued = [path, fd].map((source) => checksum(source, { signal: controller.signal }));
    const settled = Promise.allSettled(queued);
    expect(openDescriptors().filter((name) => name === path)).toHaveLength(2);
    controller.abort();
    const aborted = { status: 'rejected', reason: { code: 'ERR_SLUICE_ABORTED' } };
    expect(await settled).toMatchObject([aborted, aborted]);
    expect(openDescriptors().filter((name) => name === path)).toHaveLength(1);
    await stopOthers();
    closeSync(fd);
  });
});
