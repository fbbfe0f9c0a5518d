import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checksum, type FileLike } from '../../lib/index.js';
import { openDescriptors, temporaryFolder } from '../helpers/files.js';
import { rot, storedFile } from '../helpers/rot.js';
import { ask, oldFile, serving } from './serving.js';

const folder = temporaryFolder();

function opened(path: string, flags: string): number {
  const fd = openSync(path, flags);
  onTestFinished(() => closeSync(fd));
  return fd;
}

describe('a file that is sent', () => {
  it('is named by a path, a URL, a descriptor or a FileHandle, and only what was opened here is closed', async () => {
    const { path, content } = oldFile(folder, 700_000);
    await using handle = await open(path);
    const files: FileLike[] = [path, pathToFileURL(path), opened(path, 'r'), handle];
    const before = openDescriptors();
    for (const file of files) {
      const { port, over } = await serving(file);
      const whole = await ask(port, { 'Want-Digest': 'adler32' });
      expect(whole).toMatchObject({ status: 200, headers: { digest: expect.stringMatching(/^adler32=/) } });
      expect(whole.body.equals(content)).toBe(true);
      const part = await ask(port, { Range: 'bytes=600000-' });
      expect(part.status).toBe(206);
      expect(part.body.equals(content.subarray(600_000))).toBe(true);
      await over(2);
      const ours = (each: string) => each.includes(folder);
      await expect.poll(() => openDescriptors().filter(ours)).toEqual(before.filter(ours));
    }
  });

  it.each([
    [-1, 'ERR_SLUICE_BAD_DESCRIPTOR', 'Descriptor -1 is not open'],
    [0x7fffffff, 'ERR_SLUICE_BAD_DESCRIPTOR', 'Descriptor 2147483647 is not open'],
    [new URL('https://example.org/'), 'ERR_SLUICE_OPTION', 'leads to no file of this machine'],
    [{} as never, 'ERR_SLUICE_OPTION', 'a FileHandle, or { root, path }'],
  ])('can not be %s', async (file, code, message) => {
    const { port, over } = await serving(file as FileLike);
    expect((await ask(port)).status).toBe(500);
    expect(await over(1)).toMatchObject([{ code, message: expect.stringContaining(message) }]);
  });

  it('can not be a descriptor that is open for writing only, which is told of as checksum tells of it', async () => {
    const fd = opened(oldFile(folder, 1000).path, 'a');
    const told = { code: 'ERR_SLUICE_BAD_DESCRIPTOR', reason: `Descriptor ${fd} is not open for reading` };
    await expect(checksum(fd)).rejects.toMatchObject(told);
    const { port, over } = await serving(fd);
    expect((await ask(port)).status).toBe(500);
    expect(await over(1)).toMatchObject([told]);
  });

  it.each(['r', 'r+'])(
    'is known to be rotten by what is read through a descriptor open with %s',
    async (flags) => {
      const path = await storedFile(folder, 700_000);
      rot(path, 5);
      const fd = opened(path, flags);
      const { port, over } = await serving(fd, { verify: 'onread' });
      await expect(ask(port)).rejects.toThrow();
      expect(await over(1)).toMatchObject([
        {
          code: 'ERR_SLUICE_CORRUPT',
          path: undefined,
          message: expect.stringContaining(`The adler32 of Descriptor ${fd} is`),
        },
      ]);
      expect((await ask(port, { Range: 'bytes=0-9' })).status).toBe(500);
      expect((await ask(port, {}, 'HEAD')).status).toBe(500);
    },
  );
});
