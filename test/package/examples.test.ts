/** The examples, where they are copied to: beside the package, without what its developers have. */

import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { run } from '../cli/run.js';
import { temporaryFolder } from '../helpers/files.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

it('every package that an example imports comes with this one, or webdav.md says that it is to be installed', () => {
  const { name, dependencies } = JSON.parse(read('package.json'));
  const [, installed = ''] = /^\$ npm install (.*)$/m.exec(read('docs/webdav.md')) ?? [];
  const known = new Set([name, ...Object.keys(dependencies), ...installed.split(' ')]);
  const imported = new Set<string>();
  for (const path of readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })) {
    if (!/\.[cm]?js$/.test(path)) continue;
    const text = read(join('examples', path));
    for (const [, from = ''] of text.matchAll(/(?:\bfrom|\bimport\(?|\brequire\()\s*'([^'.][^']*)'/g)) {
      const [, bare = ''] = /^((?:@[^/]+\/)?[^/]+)/.exec(from) ?? [];
      if (!from.startsWith('node:')) imported.add(bare);
    }
  }
  expect([...imported].sort()).toEqual(['saxes', 'sluice']);
  expect([...imported].filter((each) => !known.has(each))).toEqual([]);
});

it('the WebDAV server says which package is missing', async () => {
  const folder = temporaryFolder();
  cpSync(join(root, 'examples/webdav-server'), folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/sluice'));
  const start = () => run(process.execPath, ['server.mjs', '--help'], { cwd: folder });
  expect(await start()).toEqual({
    stdout: '',
    stderr:
      'The package saxes, which reads the XML of requests, is not there. Install it: npm install saxes\n',
    status: 1,
  });
  symlinkSync(join(root, 'node_modules/saxes'), join(folder, 'node_modules/saxes'));
  expect(await start()).toMatchObject({ stderr: '', status: 0 });
});
