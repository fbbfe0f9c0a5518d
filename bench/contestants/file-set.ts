/** Many files of one size, and what it takes to sum all of them. */

import { execFile } from 'node:child_process';
import { randomBytes, randomFillSync } from 'node:crypto';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { checksumAll } from '#lib/checksum/checksum-all.js';
import { defaultThreads } from '#lib/checksum/options.js';
import { type Backend, traits } from '#lib/engine/backends.js';
import { MiB } from '#lib/measure/binary-size.js';
import type { Contestant } from '#lib/measure/rounds.js';

/** Writes a file of random bytes, and returns its path. */
export async function makeFile(path: string, bytes: number, signal?: AbortSignal): Promise<string> {
  const block = Buffer.allocUnsafe(Math.min(bytes, 16 * 1024 * 1024));
  const file = await open(path, 'wx');
  try {
    for (let written = 0; written < bytes; ) {
      signal?.throwIfAborted();
      const length = Math.min(block.length, bytes - written);
      written += (await file.write(randomFillSync(block), 0, length)).bytesWritten;
    }
    // Else it would be written back while it is measured.
    await file.sync();
  } finally {
    await file.close();
  }
  return path;
}

/**
 * Leaves as many free pages as the next pass will write: where a hypervisor takes free pages back, whoever writes first
 * waits for all of them.
 */
export async function writeAndDelete(path: string, bytes: number): Promise<void> {
  const block = Buffer.alloc(Math.min(bytes, MiB));
  const file = await open(path, 'wx');
  try {
    for (let left = bytes; left > 0; ) {
      left -= (await file.write(block, 0, Math.min(block.length, left))).bytesWritten;
    }
  } finally {
    await file.close();
    await rm(path);
  }
}

/** Writes files of random bytes into a new folder, and returns their paths. */
export async function makeFiles(folder: string, count: number, bytes: number): Promise<string[]> {
  await mkdir(folder);
  const paths = Array.from({ length: count }, (_, i) => join(folder, String(i)));
  for (const path of paths) await writeFile(path, randomBytes(bytes));
  // All at once, because fsync for each of 10,000 files takes minutes; else they would be written back while measured.
  await promisify(execFile)('sync', ['-f', folder]);
  return paths;
}

/** One file after the other, each by a contestant of its own. */
export function inTurn(paths: readonly string[], make: (path: string) => Contestant): Contestant {
  const each = paths.map(make);
  const first = each[0] as Contestant;
  return {
    name: first.name,
    parameters: { ...first.parameters, files: paths.length },
    async pass(signal) {
      let bytes = 0;
      let sum: bigint | undefined;
      for (const one of each) {
        const pass = await one.pass(signal);
        bytes += pass.bytes;
        if (pass.value !== undefined) sum = (sum ?? 0n) + pass.value;
      }
      return { bytes, value: sum };
    },
  };
}

/** As many at once as the machine has cores. */
export function atOnce(paths: readonly string[], backend: Backend): Contestant {
  return {
    name: traits[backend].name,
    parameters: { backend, algorithm: 'crc32', threads: defaultThreads, files: paths.length },
    async pass(signal) {
      let bytes = 0;
      let sum = 0n;
      for await (const { result, error } of checksumAll(paths, {
        algorithms: ['crc32'],
        engine: traits[backend].engine,
        ...(signal && { signal }),
      })) {
        if (error) throw error;
        bytes += result.bytes;
        sum += result.value;
      }
      return { bytes, value: sum };
    },
  };
}

/** The usual program: readFile, then zlib's crc32, as many files at once as ours. Undefined where Node.js is too old. */
export function readFileAndZlib(paths: readonly string[], threads: number): Contestant | undefined {
  const { crc32 } = zlib as { crc32?: (bytes: Buffer) => number };
  if (!crc32) return undefined;
  return {
    name: 'readFile + node:zlib',
    parameters: { backend: 'other', algorithm: 'crc32', threads, files: paths.length },
    async pass() {
      let bytes = 0;
      let sum = 0n;
      let next = 0;
      const work = async () => {
        for (let path = paths[next++]; path !== undefined; path = paths[next++]) {
          const content = await readFile(path);
          bytes += content.length;
          sum += BigInt(crc32(content));
        }
      };
      await Promise.all(Array.from({ length: threads }, work));
      return { bytes, value: sum };
    },
  };
}
