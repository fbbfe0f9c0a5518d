// SPDX-License-Identifier: Apache-2.0
// Kernels from Debian's archive: a private apt list, packages downloaded and unpacked, nothing installed.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from './fault.mjs';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** deb822 sources of every release that carries a kernel of the matrix. */
export const DEBIAN_SOURCES = `Types: deb
URIs: http://deb.debian.org/debian
Suites: bullseye bookworm trixie trixie-backports
Components: main
Architectures: amd64
Signed-By: ${KEYRING}

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: bullseye-security bookworm-security trixie-security
Components: main
Architectures: amd64
Signed-By: ${KEYRING}
`;

/**
 * Fetches a kernel once; later calls answer from the cache. Remove its folder to fetch a newer release.
 * @param {string} name
 * @param {import('./kernels.mjs').KernelSource} source
 * @param {string} cache
 * @param {string} [sources] deb822 text of the archives to search
 * @returns {Promise<import('./kernels.mjs').Kernel>}
 * @throws {Fault} when the archive cannot be reached, holds no such kernel, or a package is damaged
 */
export async function fetchKernel(name, source, cache, sources = DEBIAN_SOURCES) {
  const home = join(cache, name);
  if (!existsSync(home)) {
    mkdirSync(cache, { recursive: true });
    const work = mkdtempSync(join(cache, `.${name}-`));
    try {
      fetchInto(work, name, source, sources);
      renameSync(join(work, 'root'), home);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  const [release] = readdirSync(join(home, 'lib/modules'));
  return { name, image: join(home, 'vmlinuz'), release, root: home };
}

/** Leaves `<work>/root` with vmlinuz, and lib/modules/<release> with a module index. */
function fetchInto(work, name, source, sources) {
  const apt = privateApt(work, sources);
  const update = apt('apt-get', 'update', '--error-on=any');
  if (update.status !== 0) {
    throw new Fault(
      `The package archive cannot be read: ${lastError(update)}\nCheck the network, then run this again.`,
    );
  }
  const images = apt('apt-cache', 'search', '--names-only', '^linux-(image|binary)-.*')
    .stdout.split('\n')
    .map((line) => source.image.exec(line.split(' ')[0]))
    .filter((match) => match !== null)
    .sort((a, b) => a[1].localeCompare(b[1], 'en', { numeric: true }));
  const newest = images.at(-1);
  if (!newest)
    throw new Fault(
      `The package archive holds no kernel ${name} (no package matches ${source.image.source}).`,
    );
  const release = newest[1];

  const root = join(work, 'root');
  mkdirSync(root);
  for (const name of [newest[0], ...source.parts.map((prefix) => prefix + release)]) {
    const download = apt('apt-get', 'download', name);
    const file = readdirSync(work).find((entry) => entry.startsWith(`${name}_`));
    if (download.status !== 0 || !file) {
      throw new Fault(
        `The package ${name} could not be downloaded whole: ${lastError(download)}\n` +
          'The mirror is out of step or the transfer broke off; run this again.',
      );
    }
    const unpack = run('dpkg-deb', ['-x', join(work, file), root], work);
    if (unpack.status !== 0) throw new Fault(`The package ${name} cannot be unpacked: ${lastError(unpack)}`);
    rmSync(join(work, file));
  }
  settle(root, release);
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

/** apt with lists, cache and sources of its own: the machine's stay as they are. */
function privateApt(work, sources) {
  for (const folder of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(work, folder), { recursive: true });
  writeFileSync(join(work, 'archive.sources'), sources);
  const config = join(work, 'apt.conf');
  writeFileSync(
    config,
    `Dir::Etc::SourceList "${work}/archive.sources";
Dir::Etc::SourceParts "-";
Dir::Etc::Preferences "-";
Dir::Etc::PreferencesParts "-";
Dir::State::Lists "${work}/lists";
Dir::State::status "/dev/null";
Dir::Cache "${work}/cache";
APT::Architecture "amd64";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "2";
`,
  );
  return (command, ...args) => run(command, args, work, { ...process.env, APT_CONFIG: config });
}

function run(command, args, cwd, env = process.env) {
  const result = spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.error) throw new Fault(`${command} cannot be run: ${result.error.message}`);
  return result;
}

function lastError({ stderr }) {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.filter((line) => line.startsWith('E:')).join('\n') || lines.at(-1) || 'no reason given';
}
