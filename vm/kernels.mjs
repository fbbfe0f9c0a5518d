// SPDX-License-Identifier: Apache-2.0
// The kernels of the matrix, by the name a person types, and which of Debian's packages holds each.

import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Fault } from './fault.mjs';
import { fetchKernel } from './kernel-package.mjs';

/**
 * @typedef {object} KernelSource
 * @property {RegExp} image package that holds the kernel image; the newest match is taken, group 1 is the release
 * @property {string[]} parts prefixes of the other packages of a release (Debian splits kernels from 7.1 on)
 *
 * @typedef {object} Kernel a kernel ready to boot
 * @property {string} name
 * @property {string} image path of the bzImage
 * @property {string | undefined} release what `uname -r` will say; undefined for an image without modules
 * @property {string | undefined} root folder whose lib/modules/<release> holds the modules
 */

/** @type {ReadonlyMap<string, KernelSource>} */
export const KERNELS = new Map([
  ['5.10', { image: /^linux-image-(5\.10\.\d+-\d+-cloud-amd64)$/, parts: [] }],
  ['6.1', { image: /^linux-image-(6\.1\.\d+-\d+-cloud-amd64)$/, parts: [] }],
  ['6.12', { image: /^linux-image-(6\.12\.\d+\+deb\d+(?:\.\d+)?-cloud-amd64)$/, parts: [] }],
  [
    'newest',
    {
      image: /^linux-binary-(?:unsigned-)?([7-9]\.\d+\.\d+\+deb\d+(?:\.\d+)?-cloud-amd64)$/,
      parts: ['linux-modules-', 'linux-base-'],
    },
  ],
]);

/**
 * Resolves what was typed to a kernel that can be booted, fetching it where needed.
 * @param {string} name a key of KERNELS, or the path of a bzImage with everything it needs built in
 * @param {string} cache folder that keeps fetched kernels
 * @returns {Promise<Kernel>}
 * @throws {Fault} for an unknown name, or when the archive cannot be reached or a package is damaged
 */
export async function resolveKernel(name, cache) {
  const source = KERNELS.get(name);
  if (source) return fetchKernel(name, source, cache);
  if (name.includes('/')) {
    const image = resolve(name);
    if (!existsSync(image))
      throw new Fault(`There is no kernel image at ${image}. Build it, or check the path.`);
    return { name: basename(image), image, release: undefined, root: undefined };
  }
  throw new Fault(
    `Unknown kernel '${name}'. Known are ${[...KERNELS.keys()].join(', ')}, and the path of a bzImage (with a slash in it).`,
  );
}
