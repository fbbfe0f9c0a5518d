/**
 * Files received, copied and sent with their Adler-32: the relay, and what a C program does with libdeflate. The peers
 * on the other side of loopback are processes of their own, whose time is not counted.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StagedFile } from '#lib/files/staging/staged-file.js';
import { compile, runYardstick } from '#lib/measure/compile.js';
import type { Contestant, Pass, Took } from '#lib/measure/rounds.js';
import { relay } from '#lib/relay/relay.js';

export type Movement = 'put' | 'copy' | 'get';

/** How the C program goes about it; the first is the baseline of the ratios. */
const ways: Readonly<Record<Movement, readonly (readonly [how: string, name: string])[]>> = {
  put: [
    ['read', 'read + libdeflate + write'],
    ['splice', 'splice + pread + libdeflate'],
    ['plain', 'splice'],
  ],
  copy: [
    ['read', 'read + libdeflate + write'],
    ['splice', 'splice + pread + libdeflate'],
    ['plain', 'splice'],
  ],
  get: [
    ['plain', 'sendfile'],
    ['read', 'read + libdeflate + write'],
  ],
};

export class Transfers {
  /** What can't be measured, and what to install. */
  readonly missing: string | undefined;
  readonly #folder: string;
  readonly #program: string;

  private constructor(folder: string, missing: string | undefined) {
    this.#folder = folder;
    this.#program = join(folder, 'transfer');
    this.missing = missing;
  }

  /** Compiles the C program in a folder of its own, which is removed at the end. */
  static async build(): Promise<Transfers> {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-transfer-'));
    const why = await compile('transfer.c', join(folder, 'transfer'), ['-ldeflate'], 'libdeflate-dev');
    return new Transfers(folder, why && `PUT, COPY and GET: ${why}`);
  }

  /**
   * @param file what is moved
   * @param sink where to, made anew for each pass
   */
  contestants(
    movement: Movement,
    file: string,
    sink: string,
    engines: readonly ('userspace' | 'kernel')[],
  ): Contestant[] {
    const prepare = () => rm(sink, { force: true });
    const theirs = ways[movement].map(([how, name]): Contestant => {
      const args = [movement, how, file, ...(movement === 'get' ? [] : [sink])];
      return {
        name,
        parameters: { engine: how === 'plain' ? 'none' : 'other', algorithm: 'adler32', threads: 1 },
        prepare,
        pass: async (signal) => {
          const { value, ...pass } = await runYardstick(this.#program, args, signal);
          return how === 'plain' ? pass : { ...pass, value };
        },
      };
    });
    const ours = engines.map(
      (engine): Contestant => ({
        name: `relay, ${engine === 'kernel' ? 'kernel' : 'user space'}`,
        parameters: { engine: engine === 'kernel' ? 'bpf' : 'userspace', algorithm: 'adler32', threads: 1 },
        prepare,
        pass: (signal) => this.#relay(movement, file, sink, engine, signal),
      }),
    );
    return [...theirs, ...ours];
  }

  async #relay(
    movement: Movement,
    file: string,
    sink: string,
    engine: 'userspace' | 'kernel',
    signal: AbortSignal | undefined,
  ): Promise<Pass> {
    const peer = movement === 'copy' ? undefined : await this.#peer(movement, file);
    const input = movement === 'put' ? undefined : await open(file);
    // As uploads and copies are: to a file that has no name before it is whole, and of a length that is known.
    await using output = movement === 'get' ? undefined : await StagedFile.create(sink);
    const { size } = await stat(file);
    try {
      const cpu = process.cpuUsage();
      const start = process.hrtime.bigint();
      const { bytes, checksums } = await relay(
        input ?? (peer?.socket as Socket),
        output?.fd ?? (peer?.socket as Socket),
        { engine, length: size, ...(signal && { signal }) },
      );
      const wallNs = Number(process.hrtime.bigint() - start);
      const { user, system } = process.cpuUsage(cpu);
      const took: Took = { wallNs, userNs: user * 1000, systemNs: system * 1000 };
      return { bytes, value: checksums.adler32?.value, took };
    } finally {
      await peer?.close();
      await input?.close();
    }
  }

  /** A process that sends the file, or reads to the end, and our end of the connection to it. */
  async #peer(movement: 'put' | 'get', file: string): Promise<{ socket: Socket; close(): Promise<void> }> {
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    const args = movement === 'put' ? ['send', port, file] : ['drain', port];
    const child = spawn(this.#program, args, { stdio: 'ignore' });
    const gone = once(child, 'exit');
    const [socket] = (await once(server, 'connection')) as [Socket];
    server.close();
    return {
      socket,
      async close() {
        socket.destroy();
        await gone;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
