import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import {
  getAttribute,
  listAttributes,
  removeAttribute,
  setAttribute,
} from '../../../lib/files/xattr/attributes.js';
import { fileOf, openDescriptors, temporaryFolder } from '../../helpers/files.js';
import { needs } from '../../helpers/needs.js';

needs('getfattr', 'python3');

const folder = temporaryFolder();

function opened(path: string = fileOf(folder, 10), flags = 'r'): number {
  const fd = openSync(path, flags);
  onTestFinished(() => closeSync(fd));
  return fd;
}

it('attributes are set, listed, read and removed, as getfattr sees them', async () => {
  const path = fileOf(folder, 10);
  const fd = opened(path);
  expect(await listAttributes(fd)).toEqual([]);
  await setAttribute(fd, 'user.text', Buffer.from('a text'));
  await setAttribute(fd, 'user.bytes', Uint8Array.of(0, 255, 10));
  await setAttribute(fd, 'user.empty', Buffer.alloc(0));
  await setAttribute(fd, 'user.ünï', Buffer.from('once'));
  await setAttribute(fd, 'user.ünï', Buffer.from('twice'));
  expect((await listAttributes(fd)).sort()).toEqual(['user.bytes', 'user.empty', 'user.text', 'user.ünï']);
  const dump = execFileSync('getfattr', ['-d', '-e', 'hex', '--absolute-names', path], { encoding: 'utf8' });
  expect(dump).toContain('user.bytes=0x00ff0a\nuser.empty=0x\nuser.text=0x612074657874\n');
  expect(await getAttribute(fd, 'user.bytes')).toEqual(Buffer.from([0, 255, 10]));
  expect(await getAttribute(fd, 'user.empty')).toEqual(Buffer.alloc(0));
  expect(await getAttribute(fd, 'user.ünï')).toEqual(Buffer.from('twice'));

  await removeAttribute(fd, 'user.bytes');
  await removeAttribute(fd, 'user.bytes');
  expect(await getAttribute(fd, 'user.bytes')).toBeUndefined();
});

it('a descriptor that is closed under way does not matter: the call has the file, not the number', async () => {
  const before = openDescriptors();
  const handle = await open(fileOf(folder, 10));
  const setting = setAttribute(handle.fd, 'user.a', Buffer.from('1'));
  await Promise.all([handle.close(), setting]);
  expect(openDescriptors()).toEqual(before);
});

it('what is wrong with an attribute has a code', async () => {
  const fd = opened();
  const value = Buffer.from('1');
  const code = (code: string) => expect.objectContaining({ code });
  await expect(getAttribute(9999, 'user.a')).rejects.toEqual(code('ERR_SLUICE_BAD_DESCRIPTOR'));
  await expect(setAttribute(fd, 'nonsense.a', value)).rejects.toEqual(code('ERR_SLUICE_NO_ATTRIBUTES'));
  await expect(setAttribute(opened('/proc/self/status'), 'user.a', value)).rejects.toEqual(
    code('ERR_SLUICE_NO_ATTRIBUTES'),
  );
  await expect(setAttribute(opened('/dev/null'), 'user.a', value)).rejects.toEqual(
    code('ERR_SLUICE_PERMISSION'),
  );
  await expect(setAttribute(fd, `user.${'a'.repeat(256)}`, value)).rejects.toEqual(code('ERR_SLUICE_OPTION'));
  await expect(setAttribute(fd, 'user.a\0b', value)).rejects.toEqual(code('ERR_SLUICE_OPTION'));
  await expect(setAttribute(fd, 'user.a', Buffer.alloc(65537))).rejects.toEqual(code('ERR_SLUICE_NO_SPACE'));
  await expect(setAttribute(fd, 'user.a', Buffer.alloc(30_000))).rejects.toEqual(code('ERR_SLUICE_NO_SPACE'));
  await expect(removeAttribute(fd, 'nonsense.a')).rejects.toEqual(code('ERR_SLUICE_NO_ATTRIBUTES'));
});

it('listAttributes refuses a list with a name that it could not ask for', async () => {
  const path = fileOf(folder, 10);
  execFileSync('python3', ['-c', 'import os,sys; os.setxattr(sys.argv[1], b"user.\\xff", b"1")', path]);
  await expect(listAttributes(opened(path))).rejects.toMatchObject({ code: 'ERR_SLUICE_IO' });
});

it('a call outlives the worker thread that made it', async () => {
  const file = fileOf(folder, 10);
  for (let round = 0; round < 10; round++) {
    const worker = new Worker(new URL('programs/keeping.mjs', import.meta.url), {
      workerData: { file },
    });
    await once(worker, 'message');
    await worker.terminate();
  }
  expect(openDescriptors().filter((target) => target === file)).toEqual([]);
});
