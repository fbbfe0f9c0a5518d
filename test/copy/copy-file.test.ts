/** Copies as a program makes them; test/cli/copy.test.ts has what becomes of files. */

import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { markRotten } from '../../lib/files/xattr/rot.js';
import { stampsOf } from '../../lib/files/xattr/version.js';
import { copyFile, createChecksum } from '../../lib/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, openDescriptors, temporaryFolder } from '../helpers/files.js';

const folder = temporaryFolder();
let count = 0;
/** A folder with a source, and room for its copy. */
function place(): { root: string; source: string; target: string; content: Buffer } {
  const root = join(folder, String(count++));
  mkdirSync(root);
  const source = fileOf(root, 300_000);
  return { root, source, target: join(root, 'copy'), content: readFileSync(source) };
}

const adler32 = (content: Buffer) => createChecksum('adler32').update(content).digest();

describe('a copy', () => {
  it('says what is stored, and whether it replaced a file', async () => {
    const { source, target, content } = place();
    const value = adler32(content);
    const result = { checksums: { adler32: { value } }, bytes: content.length };
    expect(await copyFile(source, target)).toMatchObject({ ...result, replaced: false });
    expect(await copyFile(source, target)).toMatchObject({ ...result, replaced: true });
    expect(readFileSync(target).equals(content)).toBe(true);
  });

  it.each(engines)('says that %s measured it, where that was asked for', async (engine) => {
    const { source, target } = place();
    const backend = engine === 'kernel' ? 'bpf' : 'userspace';
    const asked = { backend, backendReason: 'asked for' };
    expect(await copyFile(source, target, { engine })).toMatchObject(asked);
    truncateSync(source, 0);
    expect(await copyFile(source, target, { engine })).toMatchObject(asked);
    truncateSync(source, 2 ** 20);
    const byNobody = { backend: 'userspace', backendReason: 'the file is one hole' };
    expect(await copyFile(source, target, { engine })).toMatchObject(byNobody);
  });

  it('is made of a URL, a descriptor and a FileHandle, whose position stays', async () => {
    const { source, target, content } = place();
    await using handle = await open(source);
    const fd = openSync(source, constants.O_RDONLY);
    try {
      for (const from of [pathToFileURL(source), handle, fd]) {
        writeFileSync(target, 'old');
        await copyFile(from, target);
        expect(readFileSync(target).equals(content)).toBe(true);
      }
    } finally {
      closeSync(fd);
    }
    const { bytesRead } = await handle.read(Buffer.alloc(1 << 20));
    expect(bytesRead).toBe(content.length);
  });

  it('can be made beneath a root, and not out of it', async () => {
    const { root, source, content } = place();
    await copyFile(source, { root, path: '/copy' });
    expect(readFileSync(join(root, 'copy')).equals(content)).toBe(true);
    await expect(copyFile(source, { root, path: '../copy' })).rejects.toMatchObject({
      code: 'ERR_SLUICE_OUTSIDE',
    });
  });

  it('tells how far it is', async () => {
    const { source, target, content } = place();
    const seen: number[] = [];
    await copyFile(source, target, { onProgress: (bytes) => seen.push(bytes) });
    expect(seen.at(-1)).toBe(content.length);
  });

  it('has the mode of its source as the umask leaves it', async () => {
    const { source, target } = place();
    chmodSync(source, 0o750);
    await copyFile(source, target);
    expect(statSync(target).mode & 0o777).toBe(0o750 & ~process.umask());
  });
});

describe('no copy is made', () => {
  it('of a file that has another value than is expected, of any algorithm', async () => {
    const { root, source, target, content } = place();
    const crc32c = createChecksum('crc32c').update(content).digest();
    await copyFile(source, target, { expected: { adler32: adler32(content), crc32c } });
    writeFileSync(target, 'old');
    const wrong = { adler32: adler32(content), crc32c: crc32c ^ 1n };
    await expect(copyFile(source, target, { expected: wrong })).rejects.toMatchObject({
      code: 'ERR_SLUICE_MISMATCH',
      path: source,
      reason: expect.stringMatching(/has the crc32c .* and was not copied$/),
    });
    expect(readFileSync(target, 'utf8')).toBe('old');
    expect(readdirSync(root)).toHaveLength(2);
  });

  it('of a file that was found rotten', async () => {
    const { root, source, target } = place();
    await using handle = await open(source);
    await markRotten(handle.fd, await stampsOf(handle.fd));
    for (const from of [source, handle])
      await expect(copyFile(from, target)).rejects.toMatchObject({ code: 'ERR_SLUICE_CORRUPT' });
    expect(readdirSync(root)).toHaveLength(1);
  });

  it('over the source itself, and both are named as they are', async () => {
    const { root, content } = place();
    const odd = join(root, "it's a name");
    writeFileSync(odd, content);
    await expect(copyFile(odd, odd)).rejects.toMatchObject({
      code: 'ERR_SLUICE_PRECONDITION',
      path: odd,
      dest: odd,
      reason: `${odd} and ${odd} are the same file`,
    });
  });

  it('once the signal fires', async () => {
    const { root, source, target } = place();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(copyFile(source, target, { signal })).rejects.toMatchObject({ code: 'ERR_SLUICE_ABORTED' });
    expect(readdirSync(root)).toHaveLength(1);
  });

  it.each([
    [{ algorithm: ['adler32'] }, 'There is no option "algorithm"'],
    [{ engine: 'gpu' }, 'The option engine is one of auto, kernel, userspace'],
    [{ expected: { adler32: 1 } }, '1 is not a value of adler32'],
    [{ expected: 'x' }, 'The option expected is an object of values by algorithm, not "x"'],
    [{ profiles: ['attic'] }, 'There is no profile "attic"'],
    [{ profiles: ['storm'], algorithms: ['crc32c'] }, 'The profile storm has no place for crc32c'],
    [{ keep: ['owner'] }, 'The option keep is one of mode, times, xattrs'],
    [{ sync: 1 }, 'The option sync is true or false'],
    [{ signal: 1 }, 'The option signal is an AbortSignal'],
    [{ onProgress: 1 }, 'The option onProgress is a function'],
  ])('with %j', async (options, reason) => {
    const { root, source, target } = place();
    await expect(copyFile(source, target, options as object)).rejects.toMatchObject({
      code: 'ERR_SLUICE_OPTION',
      reason: expect.stringContaining(reason),
    });
    expect(readdirSync(root)).toHaveLength(1);
  });

  it('from or to what is no file', async () => {
    const { source, target } = place();
    await expect(copyFile(null as never, target)).rejects.toMatchObject({ code: 'ERR_SLUICE_OPTION' });
    await expect(copyFile(source, null as never)).rejects.toMatchObject({ code: 'ERR_SLUICE_OPTION' });
    await expect(copyFile(7777, target)).rejects.toMatchObject({ code: 'ERR_SLUICE_BAD_DESCRIPTOR' });
    await expect(copyFile(folder, target)).rejects.toMatchObject({ code: 'ERR_SLUICE_IS_DIRECTORY' });
  });
});

it('nothing stays open', () => {
  expect(openDescriptors().filter((path) => path.startsWith(folder))).toEqual([]);
});
