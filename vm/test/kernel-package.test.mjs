// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Fault } from '../fault.mjs';
import { fetchKernel } from '../kernel-package.mjs';
import { KERNELS, resolveKernel } from '../kernels.mjs';

const RELEASE = '6.1.0-7-cloud-amd64';
const source = KERNELS.get('6.1');
const scratch = mkdtempSync(join(tmpdir(), 'archive-test-'));
after(() => rmSync(scratch, { recursive: true }));

/** An archive with one kernel package; returns its deb822 sources and the package file. `also` is listed, but not there. */
function makeArchive(name, also = '') {
  const folder = join(scratch, name);
  const tree = join(folder, 'tree');
  for (const sub of ['DEBIAN', 'boot', `lib/modules/${RELEASE}`])
    mkdirSync(join(tree, sub), { recursive: true });
  writeFileSync(join(tree, 'boot', `vmlinuz-${RELEASE}`), 'image');
  const control = `Package: linux-image-${RELEASE}\nVersion: 6.1.7-1\nArchitecture: amd64\nMaintainer: nobody\nDescription: a kernel\n`;
  writeFileSync(join(tree, 'DEBIAN/control'), control);
  const deb = join(folder, 'kernel.deb');
  assert.equal(spawnSync('dpkg-deb', ['--root-owner-group', '-b', tree, deb]).status, 0);
  const bytes = readFileSync(deb);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(
    join(folder, 'Packages'),
    `${control}Filename: ./kernel.deb\nSize: ${bytes.length}\nSHA256: ${sha256}\n${also}`,
  );
  return { deb, sources: `Types: deb\nURIs: copy:${folder}\nSuites: ./\nTrusted: yes\n` };
}

function cacheFor(name) {
  return join(scratch, `cache-${name}`);
}

test('a kernel is fetched, unpacked, indexed, and then answered from the cache', async () => {
  const { deb, sources } = makeArchive('whole');
  const cache = cacheFor('whole');
  const kernel = await fetchKernel('6.1', source, cache, () => sources);
  assert.equal(kernel.release, RELEASE);
  assert.equal(readFileSync(kernel.image, 'utf8'), 'image');
  assert.ok(existsSync(join(kernel.root, 'lib/modules', RELEASE, 'modules.dep')));
  rmSync(deb);
  assert.deepEqual(await fetchKernel('6.1', source, cache, () => sources), kernel);
  assert.deepEqual(readdirSync(cache), ['6.1']);
});

test('a truncated package is refused, and nothing of it stays in the cache', async () => {
  const { deb, sources } = makeArchive('truncated');
  truncateSync(deb, readFileSync(deb).length - 100);
  const cache = cacheFor('truncated');
  await assert.rejects(
    fetchKernel('6.1', source, cache, () => sources),
    (error) => {
      assert.ok(error instanceof Fault);
      assert.match(
        error.message,
        /linux-image-6\.1\.0-7-cloud-amd64 could not be downloaded whole.*(size|Hash)/s,
      );
      return true;
    },
  );
  assert.deepEqual(readdirSync(cache), []);
});

test('a newer package that the mirror lists but does not hold is passed over', async () => {
  const absent = 'linux-image-6.1.0-10-cloud-amd64';
  const { sources } = makeArchive(
    'ahead',
    `\nPackage: ${absent}\nVersion: 6.1.10-1\nArchitecture: amd64\nMaintainer: nobody\nDescription: a kernel\n` +
      `Filename: ./absent.deb\nSize: 1000\nSHA256: ${'0'.repeat(64)}\n`,
  );
  const kernel = await fetchKernel('6.1', source, cacheFor('ahead'), () => sources);
  assert.equal(kernel.release, RELEASE);
});

test('an archive that cannot be reached is named', async () => {
  const cache = cacheFor('unreachable');
  const sources = 'Types: deb\nURIs: http://127.0.0.1:1/debian\nSuites: ./\nTrusted: yes\n';
  await assert.rejects(
    fetchKernel('6.1', source, cache, () => sources),
    (error) => {
      assert.ok(error instanceof Fault);
      assert.match(error.message, /archive cannot be read.*127\.0\.0\.1.*Check the network/s);
      return true;
    },
  );
  assert.deepEqual(readdirSync(cache), []);
});

test('an archive without the kernel says so', async () => {
  const { sources } = makeArchive('other');
  await assert.rejects(
    fetchKernel('6.12', KERNELS.get('6.12'), cacheFor('other'), () => sources),
    /holds no kernel 6\.12/,
  );
});

test('an unknown kernel lists the known ones', async () => {
  await assert.rejects(resolveKernel('2.4', scratch), /Unknown kernel '2\.4'.*5\.10, 6\.1, 6\.12, newest/);
  await assert.rejects(resolveKernel('/nowhere/bzImage', scratch), /no kernel image at \/nowhere\/bzImage/);
});
