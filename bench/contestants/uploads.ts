/**
 * PUTs over loopback: what `receive` does, with Node's streams and by the relay; the pipeline that people write for it in
 * Node; and nginx, which sums nothing. The client is a process of its own, whose time is not counted.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { isMissing } from '#lib/errors/errno.js';
import { withoutProc } from '#lib/errors/policy.js';
import { receive } from '#lib/http/receive/receive.js';
import { compile, runYardstick } from '#lib/measure/compile.js';
import type { Contestant, Pass } from '#lib/measure/rounds.js';

/** What is uploaded in one pass. */
export interface Upload {
  file: string;
  /** How many times, each to a name of its own. */
  count: number;
  /** Over so many connections at once. */
  connections: number;
  /** Where to: a folder in which each pass makes one of its own. */
  folder: string;
}

type Store = (request: IncomingMessage, path: string) => Promise<bigint>;

/** Node.js from 20.15 and 22.2 on has it. */
const { crc32 } = zlib as { crc32?: (bytes: Uint8Array, value?: number) => number };

class Crc32Stream extends Transform {
  value = 0;

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.value = crc32?.(chunk, this.value) ?? 0;
    done(null, chunk);
  }
}

async function storeAsUsual(request: IncomingMessage, path: string): Promise<bigint> {
  const sum = new Crc32Stream();
  await pipeline(request, sum, createWriteStream(path));
  return BigInt(sum.value);
}

function storeBy(transport: 'stream' | 'relay'): Store {
  return async (request, path) => {
    const { checksums } = await receive(request, path, { algorithms: ['crc32'], transport });
    return checksums.crc32?.value ?? 0n;
  };
}

const processors: readonly (readonly [name: string, engine: 'other' | 'userspace', store: Store])[] = [
  ['Node pipeline + zlib', 'other', storeAsUsual],
  ['receive, stream', 'userspace', storeBy('stream')],
  ['receive, relay', 'userspace', storeBy('relay')],
];

const clockTick = 1e7; // ns: USER_HZ is 100 wherever Linux runs

/** CPU time of a process so far. */
async function cpuOf(pid: number): Promise<{ userNs: number; systemNs: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch((error) => {
    throw withoutProc('The CPU time of a server can be measured', error) ?? error;
  });
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return { userNs: Number(user) * clockTick, systemNs: Number(system) * clockTick };
}

async function freePort(): Promise<number> {
  const server = createNetServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Waits until the process answers on the port; false if it ends before, or can't be started. */
async function startsListening(child: ChildProcess, port: number): Promise<boolean> {
  let running = true;
  for (const event of ['error', 'exit']) child.once(event, () => (running = false));
  while (running) {
    const socket = connect(port, '127.0.0.1');
    const [answered] = await Promise.race([
      once(socket, 'connect').then(() => [true]),
      once(socket, 'close').then(() => [false]),
    ]).catch(() => [false]);
    socket.destroy();
    if (answered) return true;
    await setTimeout(20);
  }
  return false;
}

/** As a string in nginx's configuration. */
function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&')}"`;
}

/** Why an nginx that was to run did not. */
async function whyNot(error: NodeJS.ErrnoException | undefined, log: string): Promise<string> {
  if (isMissing(error)) return 'install nginx-light';
  const lines = await readFile(log, 'utf8').catch(() => '');
  return `it does not start (${error?.message ?? (lines.trim().split('\n').at(-1) || 'no reason given')})`;
}

export class Uploads {
  /** What can't be measured, and what to install. */
  readonly missing: Set<string> = new Set();
  readonly #folder: string;
  /** Whether there is one. */
  readonly #client: boolean;
  /**
   * Beneath which the servers store, and nowhere else: whoever is on this machine can reach their ports, and they may be
   * root's.
   */
  readonly #token = randomUUID();
  readonly #servers: Server[] = [];
  readonly #nginx: ChildProcess[] = [];
  #passes = 0;

  private constructor(folder: string, whyNoClient: string | undefined) {
    this.#folder = folder;
    this.#client = whyNoClient === undefined;
    if (whyNoClient !== undefined) this.missing.add(`Uploads: ${whyNoClient}`);
  }

  /** Compiles the client in a folder of its own, which is removed at the end. */
  static async build(): Promise<Uploads> {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-upload-'));
    const why = await compile('upload.c', join(folder, 'upload'), [], 'libc6-dev');
    return new Uploads(folder, why);
  }

  async contestants(upload: Upload): Promise<Contestant[]> {
    if (!this.#client) return [];
    const ours = await Promise.all(
      processors
        .filter(([, , store]) => crc32 || store !== storeAsUsual)
        .map(([name, engine, store]) => this.#inNode(upload, name, engine, store)),
    );
    const nginx = await this.#inNginx(upload);
    return [...ours, ...(nginx ? [nginx] : [])];
  }

  /** Of this pass: in a request, and beneath the folder. */
  get #target(): string {
    return join(this.#token, String(this.#passes));
  }

  /** Where a request's body belongs; undefined for what is not our client's. */
  #pathOf({ folder }: Upload, target = ''): string | undefined {
    const [, pass, name] = /^\/([^/]+\/\d+)\/(\d+)$/.exec(target) ?? [];
    return pass === this.#target ? join(folder, pass, name as string) : undefined;
  }

  #contestant(
    upload: Upload,
    name: string,
    engine: 'none' | 'other' | 'userspace',
    pass: Contestant['pass'],
  ): Contestant {
    const { folder, count } = upload;
    return {
      name,
      parameters: { engine, ...(engine !== 'none' && { algorithm: 'crc32' }), files: count },
      // Many files are left in place: ext4 does not use an inode for a minute after its file went ("recently deleted"),
      // and looks at all of those in turn for each file that is made. The room of a large one is needed again.
      prepare: async () => {
        if (count === 1) await rm(join(folder, this.#target), { recursive: true, force: true });
        this.#passes += 1;
        await mkdir(join(folder, this.#target), { recursive: true });
      },
      pass,
    };
  }

  #upload(port: number, { file, count, connections }: Upload, signal?: AbortSignal): Promise<Required<Pass>> {
    return runYardstick(join(this.#folder, 'upload'), [port, file, count, connections].map(String), signal, {
      SLUICE_UPLOAD_FOLDER: this.#target,
    });
  }

  async #inNode(
    upload: Upload,
    name: string,
    engine: 'other' | 'userspace',
    store: Store,
  ): Promise<Contestant> {
    let value = 0n;
    const server = createServer({ requestTimeout: 0 }, async (request, response) => {
      const path = this.#pathOf(upload, request.url);
      if (path === undefined) return void response.writeHead(404).end();
      try {
        const sum = await store(request, path); // others add theirs meanwhile
        value += sum;
        response.writeHead(201).end();
      } catch (error) {
        response.writeHead(500).end(String(error));
      }
    });
    this.#servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return this.#contestant(upload, name, engine, async (signal) => {
      value = 0n;
      const cpu = process.cpuUsage();
      const { bytes, took } = await this.#upload(port, upload, signal);
      const { user, system } = process.cpuUsage(cpu);
      return { bytes, value, took: { ...took, userNs: user * 1000, systemNs: system * 1000 } };
    });
  }

  /** nginx in one process of its own, as the user who runs this. Undefined where there is none. */
  async #inNginx(upload: Upload): Promise<Contestant | undefined> {
    // On the same file system, or it would copy what it has received.
    const prefix = `${upload.folder}-nginx`;
    await mkdir(prefix, { recursive: true });
    const port = await freePort();
    const log = join(prefix, 'log');
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (each) => `${each}_temp_path ${quoted(prefix)};`,
    );
    await writeFile(
      join(prefix, 'conf'),
      `daemon off; master_process off; pid ${quoted(join(prefix, 'pid'))}; error_log ${quoted(log)}; events {}
       http {
         access_log off; ${paths.join(' ')} client_max_body_size 0; client_body_buffer_size 1m;
         server {
           listen 127.0.0.1:${port}; keepalive_requests 1000000;
           location / { return 404; }
           location /${this.#token}/ { root ${quoted(upload.folder)}; dav_methods PUT; }
         }
       }`,
    );
    const nginx = spawn('nginx', ['-c', join(prefix, 'conf'), '-e', log], { stdio: 'ignore' });
    let error: NodeJS.ErrnoException | undefined;
    nginx.once('error', (thrown) => {
      error = thrown;
    });
    if (!(await startsListening(nginx, port))) {
      this.missing.add(`Uploads to nginx: ${await whyNot(error, log)}`);
      return undefined;
    }
    this.#nginx.push(nginx);
    return this.#contestant(upload, 'nginx', 'none', async (signal) => {
      const before = await cpuOf(nginx.pid as number);
      const { bytes, took } = await this.#upload(port, upload, signal);
      const { userNs, systemNs } = await cpuOf(nginx.pid as number);
      return {
        bytes,
        took: { ...took, userNs: userNs - before.userNs, systemNs: systemNs - before.systemNs },
      };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
    for (const nginx of this.#nginx) nginx.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
