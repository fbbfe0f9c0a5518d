// SPDX-License-Identifier: Apache-2.0
// Debian's archive: a private apt list, packages downloaded and unpacked into a folder, nothing installed.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Fault } from './fault.mjs';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * deb822 text that names suites of the main archive or of the security archive, at the mirror that this machine uses.
 * @param {'Debian' | 'Debian-Security'} label as the archive's Release file has it
 * @param {string} suites
 * @throws {Fault} where apt's sources name no such archive
 */
export function debianSource(label, suites) {
  const format = '$(LABEL) $(REPO_URI)';
  const { stdout } = run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], '/');
  const mirror = stdout
    .split('\n')
    .map((line) => line.split(' '))
    .find((target) => target[0] === label)?.[1];
  if (mirror === undefined) {
    throw new Fault(
      `apt's sources name no archive with the label ${label}, or its index was never fetched.\n` +
        'Add it to /etc/apt/sources.list.d, run `apt-get update`, then run this again.',
    );
  }
  return `Types: deb
URIs: ${mirror}
Suites: ${suites}
Components: main
Architectures: amd64
Signed-By: ${KEYRING}
`;
}

/**
 * Makes a folder from packages, whole or not at all; one that is there already is left as it is.
 * @param {string} home
 * @param {() => string} sources gives deb822 text of the archives to search
 * @param {(archive: Archive, root: string) => void} fill fills the folder `root`, which becomes `home`
 * @throws {Fault} when the archive cannot be reached or a package is damaged; whatever `fill` throws
 */
export function fetchOnce(home, sources, fill) {
  if (existsSync(home)) return;
  mkdirSync(dirname(home), { recursive: true });
  const work = mkdtempSync(join(dirname(home), `.${basename(home)}-`));
  try {
    const root = join(work, 'root');
    mkdirSync(root);
    fill(new Archive(work, sources()), root);
    renameSync(root, home);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

export class Archive {
  #apt;
  #work;

  constructor(work, sources) {
    this.#work = work;
    this.#apt = privateApt(work, sources);
    const update = this.#apt('apt-get', 'update', '--error-on=any');
    if (update.status !== 0) {
      throw new Fault(
        `The package archive cannot be read: ${lastError(update)}\nCheck the network, then run this again.`,
      );
    }
  }

  /** @returns {string[]} names of the packages that match a regular expression of apt's */
  search(pattern) {
    const { stdout } = this.#apt('apt-cache', 'search', '--names-only', pattern);
    return stdout.split('\n').map((line) => line.split(' ')[0]);
  }

  /** Downloads a package, and returns the path of its file. */
  download(name) {
    const { status, stderr } = this.#apt('apt-get', 'download', name);
    const file = readdirSync(this.#work).find((entry) => entry.startsWith(`${name}_`));
    if (status === 0 && file) return join(this.#work, file);
    throw new Fault(
      `The package ${name} could not be downloaded whole: ${lastError({ stderr })}\n` +
        'The mirror is out of step or the transfer broke off; run this again.',
    );
  }

  /** Unpacks the file of a package into `root`. */
  unpack(file, root) {
    const unpack = run('dpkg-deb', ['-x', file, root], this.#work);
    if (unpack.status !== 0)
      throw new Fault(`The package ${basename(file)} cannot be unpacked: ${lastError(unpack)}`);
    rmSync(file);
  }
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

/** Runs a program to its end. */
export function run(command, args, cwd, env = process.env) {
  const result = spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.error) throw new Fault(`${command} cannot be run: ${result.error.message}`);
  return result;
}

/** What a program of apt's or another said went wrong. */
export function lastError({ stderr }) {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.filter((line) => line.startsWith('E:')).join('\n') || lines.at(-1) || 'no reason given';
}
