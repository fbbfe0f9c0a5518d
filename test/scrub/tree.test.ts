import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type Position, type WalkOptions, walk } from '../../lib/scrub/tree.js';
import { mounted } from '../files/staging/mounts.js';
import { openDescriptors, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';

needs('python3');

const folder = temporaryFolder();
const mounts = join(folder, 'mounts');
mkdirSync(mounts);
const mount = mounted(mounts, 'tmpfs');

async function walked(
  root: string,
  options: WalkOptions = {},
): Promise<{ path: string; position: Position }[]> {
  const found = [];
  for await (const { path, position, handle, error } of walk(root, options)) {
    if (error) throw error;
    await handle.close();
    found.push({ path, position });
  }
  return found;
}

function tree(): string {
  const root = join(folder, 'tree');
  mkdirSync(join(root, 'a/deep/er'), { recursive: true });
  mkdirSync(join(root, 'a.b'));
  mkdirSync(join(root, 'empty'));
  for (const name of ['a/2', 'a/10', 'a/deep/er/x', 'a/deep-', 'a.b/y', 'z', '.hidden']) {
    writeFileSync(join(root, name), name);
  }
  symlinkSync('/etc', join(root, 'a/link'));
  symlinkSync('z', join(root, 'linked'));
  execFileSync('mkfifo', [join(root, 'fifo')]);
  execFileSync('python3', ['-c', 'import sys; open(sys.argv[1].encode() + b"/\\xff\\xfe", "w")', root]);
  return root;
}

it('walk takes every regular file once, in an order of its own, from any place on', async () => {
  const before = openDescriptors();
  const root = tree();
  const all = await walked(root);
  expect(all.map(({ position }) => position.join('/'))).toEqual([
    '.hidden',
    'a/10',
    'a/2',
    'a/deep/er/x',
    'a/deep-',
    'a.b/y',
    'z',
    '\u00ff\u00fe',
  ]);
  for (const [index, { position }] of all.entries()) {
    expect(await walked(root, { after: position })).toEqual(all.slice(index + 1));
  }
  // The place may be gone by then.
  expect((await walked(root, { after: ['a', 'deep', 'gone'] })).length).toBe(all.length - 4);
  expect((await walked(root, { after: ['a', '3', 'gone'] })).length).toBe(all.length - 3);
  expect(openDescriptors()).toEqual(before);
});

it('walk stays on one file system if asked to', async () => {
  writeFileSync(join(mounts, 'here'), '');
  writeFileSync(join(mount, 'there'), '');
  expect(await walked(mounts)).toHaveLength(2);
  expect(await walked(mounts, { oneFileSystem: true })).toHaveLength(1);
});

it('walk leaves no descriptor when it is left early', async () => {
  const before = openDescriptors();
  for await (const { handle, position } of walk(join(folder, 'tree'))) {
    await handle?.close();
    if (position.length > 2) break;
  }
  expect(openDescriptors()).toEqual(before);
});

it('walk says why a folder is none', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  for (const [root, reason] of [
    [join(folder, 'absent'), /absent does not exist/],
    [file, /file is no directory/],
  ] as const) {
    const { value } = await walk(root).next();
    expect(value).toMatchObject({ path: root, error: { code: 'ERR_SLUICE_NOT_FOUND' } });
    expect(value?.error?.message).toMatch(reason);
    expect(await walk(root, { after: value?.position ?? [] }).next()).toEqual({ done: true });
  }
});

it('walk goes as deep as folders are', async () => {
  const before = openDescriptors();
  const root = join(folder, 'deep');
  const depth = 3000; // deeper than a path can name, and than calls can be in each other
  const program = fileURLToPath(new URL('programs/deep.py', import.meta.url));
  mkdirSync(root);
  writeFileSync(join(root, 'z'), '');
  try {
    execFileSync('python3', [program, String(depth)], { cwd: root });
    const all = await walked(root);
    const down = (levels: number) => 'd/'.repeat(levels);
    expect(all.map(({ position }) => position.join('/'))).toEqual([
      `${down(depth)}deep`,
      `${down(depth / 2)}half`,
      'z',
    ]);
    for (const [index, { position }] of all.entries()) {
      expect(await walked(root, { after: position })).toEqual(all.slice(index + 1));
    }
  } finally {
    execFileSync('rm', ['-r', root]); // which needs no path for it
  }
  expect(openDescriptors()).toEqual(before);
});
