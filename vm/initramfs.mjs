// SPDX-License-Identifier: Apache-2.0
// An initramfs for kernels that keep virtiofs in a module: busybox, the modules in order, and a script.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Fault } from './fault.mjs';

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;

/**
 * @param {import('./kernels.mjs').Kernel} kernel
 * @param {(name: string) => string} tool
 * @returns {Buffer | undefined} a newc cpio archive; undefined where the kernel reaches its root by itself
 */
export function makeInitramfs(kernel, tool) {
  const modules = kernel.root ? modulesFor(kernel, tool('modprobe')) : [];
  if (modules.length === 0) return undefined;
  const names = modules.map((path) => basename(path));
  return newc([
    { name: 'bin', mode: S_IFDIR | 0o755 },
    { name: 'modules', mode: S_IFDIR | 0o755 },
    { name: 'root', mode: S_IFDIR | 0o755 },
    { name: 'bin/busybox', mode: S_IFREG | 0o755, data: readFileSync(tool('busybox')) },
    ...modules.map((path, i) => ({
      name: `modules/${names[i]}`,
      mode: S_IFREG | 0o644,
      data: readFileSync(path),
    })),
    { name: 'modules/order', mode: S_IFREG | 0o644, data: Buffer.from(`${names.join('\n')}\n`) },
    {
      name: 'init',
      mode: S_IFREG | 0o755,
      data: readFileSync(new URL('initramfs-init.sh', import.meta.url)),
    },
  ]);
}

/** The module files to insert, dependencies first. Those built in are not among them. */
function modulesFor(kernel, modprobe) {
  const files = [];
  for (const name of ['virtio_pci', 'virtiofs']) {
    const { status, stdout, stderr } = spawnSync(
      modprobe,
      ['-d', kernel.root, '-S', kernel.release, '--show-depends', name],
      { encoding: 'utf8' },
    );
    if (status !== 0) {
      throw new Fault(
        `Kernel ${kernel.name} has no ${name} (${stderr.trim()}), so it cannot reach the working tree.`,
      );
    }
    for (const [, file] of stdout.matchAll(/^insmod (\S+)/gm)) if (!files.includes(file)) files.push(file);
  }
  return files;
}

/** The "newc" format: ASCII header fields of 8 hex digits, names and data padded to 4 (initramfs-buffer-format). */
function newc(entries) {
  const parts = [];
  for (const [i, { name, mode, data = Buffer.alloc(0) }] of [
    ...entries,
    { name: 'TRAILER!!!', mode: 0 },
  ].entries()) {
    const fields = [i + 1, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length + 1, 0];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
    parts.push(padded(Buffer.from(header)), padded(data));
  }
  return Buffer.concat(parts);
}

function padded(buffer) {
  return Buffer.concat([buffer, Buffer.alloc(-buffer.length & 3)]);
}
