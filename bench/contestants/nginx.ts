/** nginx, which stores a PUT and sums nothing: one process of its own, as the user who runs this. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isMissing } from '#lib/errors/errno.js';
import { type CpuTime, cpuTime } from './cpu-time.js';

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
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

export class Nginx {
  /** A port for each size of the buffer, in bytes, that a body is gathered in before it is written. */
  readonly ports: ReadonlyMap<number, number>;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, ports: ReadonlyMap<number, number>) {
    this.#process = process;
    this.ports = ports;
  }

  /**
   * Stores beneath /TOKEN/ what is PUT there, and answers nothing else.
   *
   * @param buffers the sizes to listen for, each at a port of its own
   * @param prefix for files of its own: on the file system of `root`, or it would copy what it has received
   * @returns or why there is none
   */
  static async start(
    buffers: readonly number[],
    root: string,
    token: string,
    prefix: string,
  ): Promise<Nginx | string> {
    await mkdir(prefix, { recursive: true });
    const free = await freePorts(buffers.length);
    const ports = new Map(buffers.map((size, i) => [size, free[i] as number]));
    const servers = [...ports].map(
      ([size, port]) => `server {
           listen 127.0.0.1:${port}; keepalive_requests 1000000; client_body_buffer_size ${size};
           location / { return 404; }
           location /${token}/ { root ${quoted(root)}; dav_methods PUT; }
         }`,
    );
    const log = join(prefix, 'log');
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (each) => `${each}_temp_path ${quoted(prefix)};`,
    );
    await writeFile(
      join(prefix, 'conf'),
      `daemon off; master_process off; pid ${quoted(join(prefix, 'pid'))}; error_log ${quoted(log)}; events {}
       http {
         access_log off; ${paths.join(' ')} client_max_body_size 0;
         ${servers.join('\n')}
       }`,
    );
    const nginx = spawn('nginx', ['-c', join(prefix, 'conf'), '-e', log], { stdio: 'ignore' });
    let error: NodeJS.ErrnoException | undefined;
    nginx.once('error', (thrown) => {
      error = thrown;
    });
    // It listens on all of them before it answers on any.
    const listens = await startsListening(nginx, free[0] as number);
    return listens ? new Nginx(nginx, ports) : whyNot(error, log);
  }

  /** CPU time so far. */
  cpu(): CpuTime {
    return cpuTime(this.#process.pid as number, 'itself');
  }

  stop(): void {
    this.#process.kill();
  }
}
