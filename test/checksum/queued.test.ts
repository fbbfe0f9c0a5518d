import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checksum, createChecksum } from '../../lib/index.js';
import { endlessFile, endlessSums } from '../helpers/endless.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder, waitForLease } from '../helpers/files.js';

const folder = temporaryFolder();

describe.each(engines)('a file for two threads, of which %s gets one', (engine) => {
  it('1. is summed by that one', { timeout: 20_000 }, async () => {
    const content = randomBytes(2 ** 25 + 1);
    const stopBefore = endlessSums(folder);
    const summing = checksum(fileOf(folder, content), { engine, threads: 2 });
    // Before the thread that comes free begins: what it leaves to others comes after all of these.
    const stopAfter = endlessSums(folder);
    await stopBefore();
    expect((await summing).value).toBe(createChecksum('adler32').update(content).digest());
    await stopAfter();
  });

  it('2. is left at once when a writer comes', { timeout: 20_000 }, async () => {
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
