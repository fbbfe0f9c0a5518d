// SPDX-License-Identifier: Apache-2.0
// Kernels from Debian's packages, unpacked into one layout.

import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { debianSource, fetchOnce, lastError, run } from './archive.mjs';
import { Fault } from './fault.mjs';

/** Every release that carries a kernel of the matrix. */
const releases = () =>
  [
    debianSource('Debian', 'bullseye bookworm trixie trixie-backports'),
    debianSource('Debian-Security', 'bullseye-security bookworm-security trixie-security'),
  ].join('\n');

/**
 * Fetches a kernel once; later calls answer from the cache. Remove its folder to fetch a newer release.
 * @param {string} name
 * @param {import('./kernels.mjs').KernelSource} source
 * @param {string} cache
 * @param {() => string} [sources] gives deb822 text of the archives to search
 * @returns {Promise<import('./kernels.mjs').Kernel>}
 * @throws {Fault} when the archive cannot be reached, holds no such kernel, or a package is damaged
 */
export async function fetchKernel(name, source, cache, sources = releases) {
  const home = join(cache, name);
  fetchOnce(home, sources, (archive, root) => {
    settle(root, unpackNewest(archive, name, source, root));
  });
  const [release] = readdirSync(join(home, 'lib/modules'));
  return { name, image: join(home, 'vmlinuz'), release, root: home };
}

/**
 * Unpacks the newest release that can be had, and returns it: a mirror's index may name packages that the mirror does not
 * hold yet, or no longer.
 */
function unpackNewest(archive, name, source, root) {
  const images = archive
    .search('^linux-(image|binary)-.*')
    .map((each) => source.image.exec(each))
    .filter((match) => match !== null)
    .sort((a, b) => b[1].localeCompare(a[1], 'en', { numeric: true }));
  let reason;
  for (const [image, release] of images) {
    const files = [];
    try {
      for (const each of [image, ...source.parts.map((prefix) => prefix + release)])
        files.push(archive.download(each));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      reason ??= error.message; // of the newest, which was wanted
      continue;
    }
    for (const file of files) archive.unpack(file, root);
    return release;
  }
  throw new Fault(
    reason ?? `The package archive holds no kernel ${name} (no package matches ${source.image.source}).`,
  );
}

/** One layout for all packagings: vmlinuz at the top, modules under lib/modules with an index made by depmod. */
function settle(root, release) {
  if (!existsSync(join(root, 'lib'))) renameSync(join(root, 'usr/lib'), join(root, 'lib'));
  const modules = join(root, 'lib/modules', release);
  const image = [
    join(root, 'boot', `vmlinuz-${release}`),
    join(modules, 'vmlinuz'),
    join(modules, 'vmlinuz.unsigned'),
  ];
  const found = image.find((path) => existsSync(path));
  if (!found)
    throw new Fault(`The packages of kernel ${release} hold no kernel image where one is expected.`);
  renameSync(found, join(root, 'vmlinuz'));
  rmSync(join(root, 'usr'), { recursive: true, force: true });
  const index = run('depmod', ['-b', root, release], root);
  if (index.status !== 0) throw new Fault(`depmod failed for kernel ${release}: ${lastError(index)}`);
}
