/**
 * PUTs over loopback: what `receive` does, with Node's streams and by the relay; the pipeline that people write for it in
 * Node; nginx, which sums nothing; and a server that only answers. The client is a process of its own, whose time is not counted.
 */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { bufferSizes, byBufferSize } from '#lib/measure/buffer-sizes.js';
import { runYardstick } from '#lib/measure/programs.js';
import type { Contestant, Entry, Pass } from '#lib/measure/rounds.js';
import { writeAndDelete } from './file-set.js';
import { Nginx } from './nginx.js';
import { floor, type Store, stores } from './upload-stores.js';

/** What is uploaded in one pass. */
export interface Upload {
  file: string;
  /** How many times, each to a name of its own. */
  count: number;
  /** Over so many connections at once. */
  connections: number;
  /** Where to: a folder in which each pass makes one of its own, or finds that of the pass before. */
  folder: string;
  /** Whether each server is also measured while it replaces files: those of its first pass, which warms up. */
  replaces: boolean;
}

export class Uploads {
  /** What can't be measured, and what to install. */
  readonly missing: Set<string> = new Set();
  readonly #client: string;
  /**
   * Beneath which the servers store, and nowhere else: whoever is on this machine can reach their ports, and they may be
   * root's.
   */
  readonly #token = randomUUID();
  readonly #servers: Server[] = [];
  readonly #nginx: Nginx[] = [];
  /** Of this pass, a folder for its files. */
  #place = 0;
  #places = 0;

  /** @param client the path of the C program that uploads */
  constructor(client: string) {
    this.#client = client;
  }

  async contestants(upload: Upload): Promise<Entry[]> {
    const ours = await Promise.all(
      stores.map(([name, backend, store]) => this.#inNode(upload, name, backend, store)),
    );
    const servers = [...ours.map((server) => [server]), await this.#inNginx(upload)];
    return [
      ...servers.map((forms) => forms.map((server) => this.#toNewNames(upload, server))),
      ...(upload.replaces ? servers.map((forms) => this.#replacing(upload, forms)) : []),
      this.#toNewNames(upload, await this.#inNode(upload, ...floor)),
    ];
  }

  /** Of this pass: in a request, and beneath the folder. */
  get #target(): string {
    return join(this.#token, String(this.#place));
  }

  /** Where a request's body belongs; undefined for what is not our client's. */
  #pathOf({ folder }: Upload, target = ''): string | undefined {
    const [, place, name] = /^\/([^/]+\/\d+)\/(\d+)$/.exec(target) ?? [];
    return place === this.#target ? join(folder, place, name as string) : undefined;
  }

  #toNewNames(upload: Upload, server: Contestant): Contestant {
    const { folder, count } = upload;
    return {
      ...server,
      // Many files are left in place: ext4 does not use an inode for a minute after its file went ("recently deleted"),
      // and looks at all of those in turn for each file that is made. The room of a large one is needed again.
      prepare: async () => {
        if (count === 1) await rm(join(folder, this.#target), { recursive: true, force: true });
        await this.#prepare(upload, ++this.#places);
      },
    };
  }

  #replacing(upload: Upload, forms: readonly Contestant[]): Contestant[] {
    const place = ++this.#places;
    return forms.map((server) => ({
      ...server,
      name: `${server.name}, replacing`,
      prepare: () => this.#prepare(upload, place),
    }));
  }

  async #prepare({ file, count, folder }: Upload, place: number): Promise<void> {
    this.#place = place;
    await mkdir(join(folder, this.#target), { recursive: true });
    await writeAndDelete(join(folder, 'warm-up'), (await stat(file)).size * count);
  }

  #upload(port: number, { file, count, connections }: Upload, signal?: AbortSignal): Promise<Required<Pass>> {
    return runYardstick(this.#client, [port, file, count, connections].map(String), signal, {
      SLUICE_UPLOAD_FOLDER: this.#target,
    });
  }

  async #inNode(
    upload: Upload,
    name: string,
    backend: 'none' | 'other' | 'userspace',
    store: Store,
  ): Promise<Contestant> {
    let value: bigint | undefined;
    const server = createServer({ requestTimeout: 0 }, async (request, response) => {
      const path = this.#pathOf(upload, request.url);
      if (path === undefined) return void response.writeHead(404).end();
      try {
        const sum = await store(request, path); // others add theirs meanwhile
        if (sum !== undefined) value = (value ?? 0n) + sum;
        response.writeHead(201).end();
      } catch (error) {
        response.writeHead(500).end(String(error));
      }
    });
    this.#servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return {
      name,
      parameters: { backend, ...(backend !== 'none' && { algorithm: 'crc32' }), files: upload.count },
      pass: async (signal) => {
        value = undefined;
        const cpu = process.cpuUsage();
        const { bytes, took } = await this.#upload(port, upload, signal);
        const { user, system } = process.cpuUsage(cpu);
        return { bytes, value, took: { ...took, userNs: user * 1000, systemNs: system * 1000 } };
      },
    };
  }

  async #inNginx(upload: Upload): Promise<Contestant[]> {
    const nginx = await Nginx.start(bufferSizes, upload.folder, this.#token, `${upload.folder}-nginx`);
    if (typeof nginx === 'string') {
      this.missing.add(`Uploads to nginx: ${nginx}`);
      return [];
    }
    this.#nginx.push(nginx);
    return byBufferSize((size) => ({
      name: 'nginx',
      parameters: { backend: 'none', files: upload.count },
      pass: async (signal) => {
        const before = nginx.cpu();
        const { bytes, took } = await this.#upload(nginx.ports.get(size) as number, upload, signal);
        const { userNs, systemNs } = nginx.cpu();
        return {
          bytes,
          took: { ...took, userNs: userNs - before.userNs, systemNs: systemNs - before.systemNs },
        };
      },
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
    for (const nginx of this.#nginx) nginx.stop();
  }
}
