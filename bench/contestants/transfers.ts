/**
 * Files received, copied and sent with their Adler-32: the relay, and what a C program does with libdeflate. The peers
 * on the other side of loopback are processes of their own, whose time is not counted.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rm, stat } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { type Backend, traits } from '#lib/engine/backends.js';
import { StagedFile } from '#lib/files/staging/staged-file.js';
import { MiB } from '#lib/measure/binary-size.js';
import { byBufferSize } from '#lib/measure/buffer-sizes.js';
import { fileSystemOf } from '#lib/measure/machine.js';
import { runYardstick } from '#lib/measure/programs.js';
import type { Contestant, Entry, Pass, Took } from '#lib/measure/rounds.js';
import { relay } from '#lib/relay/relay.js';
import { writeAndDelete } from './file-set.js';

export type Movement = 'put' | 'copy' | 'get';

/** What is moved in a section. */
export interface Move {
  movement: Movement;
  file: string;
  /** Where to, made anew for each pass. */
  sink: string;
  /** For how many bytes who receives a GET is woken up (SO_RCVLOWAT). Default: for each. */
  wake?: number;
}

/** How the C program goes about it. */
interface Way {
  how: 'read' | 'splice' | 'plain' | 'nonblocking';
  name: string;
  /** Whether blocks are set aside ahead of what is stored, as the relay does it (native/relay/into_file.cc). */
  reserves?: boolean;
}

const classicLoop: Way = { how: 'read', name: 'read + libdeflate + write' };

/** The first is the baseline of the ratios. */
const intoSocket: readonly Way[] = [
  { how: 'plain', name: 'sendfile' },
  { how: 'nonblocking', name: 'sendfile, not blocking' },
  classicLoop,
];

function intoFile(fileSystem: string): readonly Way[] {
  const best: readonly Way[] = [
    { how: 'splice', name: 'splice + pread + libdeflate' },
    { how: 'plain', name: 'splice' },
  ];
  // The relay sets none aside on other file systems, where it does not pay.
  if (fileSystem !== 'ext4') return [classicLoop, ...best];
  const reserving = [classicLoop, ...best].map((way) => ({
    ...way,
    name: `${way.name}, blocks set aside`,
    reserves: true,
  }));
  return [classicLoop, ...reserving];
}

/** In bytes: what the relay sets aside at once. */
const reserve = 16 * MiB;

export class Transfers {
  readonly #program: string;

  /** @param program the path of the C program */
  constructor(program: string) {
    this.#program = program;
  }

  contestants(move: Move, backends: readonly Backend[]): Entry[] {
    const { movement, sink } = move;
    const ways = movement === 'get' ? intoSocket : intoFile(fileSystemOf(dirname(sink)));
    const ours = backends.map(
      (backend): Contestant => ({
        name: `relay, ${traits[backend].name}`,
        parameters: { backend, algorithm: 'adler32', threads: 1 },
        prepare: () => this.#prepare(move),
        pass: (signal) => this.#relay(move, backend, signal),
      }),
    );
    return [...ways.map((way) => this.#inC(move, way)), ...ours];
  }

  async #prepare({ movement, file, sink }: Move): Promise<void> {
    if (movement === 'get') return;
    await rm(sink, { force: true });
    await writeAndDelete(sink, (await stat(file)).size);
  }

  #inC(move: Move, { how, name, reserves }: Way): Entry {
    const { movement, file, sink, wake = 1 } = move;
    const sums = how === 'read' || how === 'splice';
    const contestant = (buffer: number): Contestant => {
      const ahead = movement === 'get' ? wake : reserves ? reserve : 0;
      const args = [
        movement,
        how,
        String(buffer),
        String(ahead),
        file,
        ...(movement === 'get' ? [] : [sink]),
      ];
      return {
        name,
        parameters: { backend: sums ? 'other' : 'none', algorithm: 'adler32', threads: 1 },
        prepare: () => this.#prepare(move),
        pass: async (signal) => {
          const { value, ...pass } = await runYardstick(this.#program, args, signal);
          return sums ? { ...pass, value } : pass;
        },
      };
    };
    // A splice into a file takes what its pipe holds, and needs no buffer.
    return how === 'plain' && movement !== 'get' ? contestant(MiB) : byBufferSize(contestant);
  }

  async #relay(
    { movement, file, sink, wake = 1 }: Move,
    backend: Backend,
    signal: AbortSignal | undefined,
  ): Promise<Pass> {
    const peers = { put: ['send', file], get: ['drain', String(wake)], copy: undefined } as const;
    const peer = peers[movement] && (await this.#peer(peers[movement]));
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
        { engine: traits[backend].engine, range: { end: size }, ...(signal && { signal }) },
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
  async #peer([what, argument]: readonly [string, string]): Promise<{
    socket: Socket;
    close(): Promise<void>;
  }> {
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    const child = spawn(this.#program, [what, port, argument], { stdio: 'ignore' });
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
}
