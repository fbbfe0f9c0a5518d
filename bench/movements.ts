/** The sections of the bench suite that sum bytes on their way. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { binarySize, KiB, MiB } from '#lib/measure/binary-size.js';
import { bufferSizes } from '#lib/measure/buffer-sizes.js';
import { noProgram, programPath } from '#lib/measure/programs.js';
import type { Bench } from './bench.js';
import { type Move, Transfers } from './contestants/transfers.js';
import { Uploads } from './contestants/uploads.js';

/** A file received from loopback, copied, and sent to it. */
export async function transfers(bench: Bench, bytes: number): Promise<void> {
  const program = programPath('transfer');
  if (program === undefined) return void bench.missing.add(`PUT, COPY and GET: ${noProgram}`);
  const transfers = new Transfers(program);
  const path = await bench.file(bytes);
  const sink = join(bench.folder, 'sink');
  const moves: readonly Omit<Move, 'file' | 'sink'>[] = [
    { movement: 'put' },
    { movement: 'copy' },
    { movement: 'get' },
    // Else it is the receiver that is measured where it wakes up for a few bytes each time, and shares the processor.
    { movement: 'get', wake: MiB },
  ];
  for (const { movement, wake = 1 } of moves) {
    const receiver = wake > 1 ? `, to who wakes up for each ${binarySize(wake)}` : '';
    const title = `adler32, ${movement.toUpperCase()} of ${binarySize(bytes)}${receiver}`;
    const entries = transfers.contestants({ movement, file: path, sink, wake }, bench.backends);
    await bench.section(movement, title, entries, { sampleMilliseconds: 0 });
  }
  await rm(sink, { force: true });
  await rm(path);
}

/** A row has at least 3,000 requests behind it, besides those that warm up: with `--quick` 1,000 in each of five rounds. */
function smallUploads(quick: boolean): { bytes: number; count: number; connections: number } {
  return { bytes: 16 * KiB, count: quick ? 1000 : 3000, connections: 4 };
}

/** However long they take: files stay until the end of their section. */
const uploadRounds = 5;

/**
 * In bytes: the new files of four contestants, by round and for the one that warms up, what they replace, and the two
 * rounds at most in which each size of nginx's buffer is tried.
 */
export function roomForUploads(quick: boolean): number {
  const { bytes, count } = smallUploads(quick);
  return (4 * (uploadRounds + 2) + 2 * bufferSizes.length) * bytes * count;
}

/** Files PUT over HTTP: a large one, and many small ones. */
export async function uploads(bench: Bench, bytes: number): Promise<void> {
  const client = programPath('upload');
  if (client === undefined) return void bench.missing.add(`Uploads: ${noProgram}`);
  await using uploads = new Uploads(client);
  for (const { bytes: size, count, connections } of [
    { bytes, count: 1, connections: 1 },
    smallUploads(bench.options.quick),
  ]) {
    const file = await bench.file(size);
    const folder = join(bench.folder, 'uploads');
    const title = `crc32, HTTP PUT, ${count} × ${binarySize(size)}`;
    const rows = await uploads.contestants({ file, folder, count, connections, replaces: count > 1 });
    if (rows.length > 0) {
      const rounds = count > 1 ? uploadRounds : undefined;
      await bench.section('upload', title, rows, { sampleMilliseconds: 0, rounds });
    }
    await rm(folder, { recursive: true, force: true });
    await rm(file);
  }
  for (const each of uploads.missing) bench.missing.add(each);
}
