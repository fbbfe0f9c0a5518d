/** What is set aside for a file that is on its way: not more than comes, and nothing for long. */

import { closeSync, fstatSync, openSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { StagedFile } from '../../lib/files/staging/staged-file.js';
import { relay } from '../../lib/relay/index.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { sourceOf, startPoller } from './ends.js';

const folder = temporaryFolder(process.env['SLUICE_DISK_EXT4']);
const aside = 16 << 20;
const ext4 = 0xef53;
beforeAll(() => startPoller(folder));

/** In bytes. */
const allocated = (fd: number) => fstatSync(fd).blocks * 512;

describe('a file without a name', () => {
  // None, some and much of what is set aside at once; and not a multiple of anything.
  it.each([1_048_577, aside - 1, aside, aside + 1, 2 * aside + 12_345])(
    'of %i bytes has no more room than it needs',
    async (size) => {
      const path = fileOf(folder, size);
      const source = openSync(path, 'r');
      await using staged = await StagedFile.create(join(folder, 'stored'));
      await relay(source, staged.fd, { range: { end: size } });
      closeSync(source);
      expect(allocated(staged.fd) - size).toBeLessThan(64 << 10);
      await staged.publish();
      expect(readFileSync(join(folder, 'stored')).equals(readFileSync(path))).toBe(true);
    },
  );

  it('takes no more than a little ahead of what came, whatever was announced', async () => {
    const { end, theirs, close } = await sourceOf(folder, 'unix');
    await using staged = await StagedFile.create(join(folder, 'announced'));
    const controller = new AbortController();
    const relaying = relay(end, staged.fd, { range: { end: 2 ** 40 }, signal: controller.signal });
    theirs.write(Buffer.alloc(100_000));
    await expect.poll(() => fstatSync(staged.fd).size).toBe(100_000);
    expect(allocated(staged.fd)).toBeLessThanOrEqual(aside + (1 << 20));
    if (statfsSync(folder).type === ext4) expect(allocated(staged.fd)).toBeGreaterThanOrEqual(aside);
    controller.abort();
    await expect(relaying).rejects.toMatchObject({ code: 'ERR_SLUICE_ABORTED' });
    theirs.destroy();
    close();
  });
});

it('a file with a name, which others may have, is left as it is', async () => {
  const { end, theirs, close } = await sourceOf(folder, 'unix');
  const fd = openSync(join(folder, 'named'), 'w+');
  const relaying = relay(end, fd, { range: { end: 2 ** 40 } });
  theirs.end(Buffer.alloc(100_000));
  await expect(relaying).rejects.toMatchObject({ code: 'ERR_SLUICE_TRUNCATED', bytes: 100_000 });
  expect(allocated(fd)).toBeLessThan(1 << 20);
  closeSync(fd);
  theirs.destroy();
  close();
});
