// Does jobs of one kind until it is terminated.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parentPort, threadId, workerData } from 'node:worker_threads';

const { kind, folder } = workerData;
const load = (name) => import(`#lib/${name}.js`);
const bpfObject = (name) => fileURLToPath(new URL(`../../../build/test-bpf/${name}.bpf.o`, import.meta.url));
const own = (name) => join(folder, `${name}-${threadId}`);
const staged = (name) => join(folder, 'staged', name);

function sourceOf(size) {
  const path = own('source');
  writeFileSync(path, randomBytes(size));
  return path;
}

/** Several at once, again and again, from now on. */
async function forEver(job) {
  parentPort.postMessage('begun');
  await Promise.all(
    Array.from({ length: 5 }, async (_, index) => {
      for (let round = 0; ; round++) await job(index, round);
    }),
  );
}

/**
 * It ends itself: Node 20 dies ("ToLocalChecked Empty MaybeLocal") where a thread is terminated in the middle of what its
 * HTTP parser calls.
 */
async function serve(handle, send) {
  setTimeout(() => process.exit(), 20 + Math.random() * 60);
  const server = createServer(handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await forEver((index) => send({ port, host: '127.0.0.1', agent: false, path: `/${index % 3}` }));
}

const kinds = {
  async checksum() {
    const { checksum } = await load('index');
    const path = sourceOf(1_000_000);
    const fd = openSync(path);
    await forEver((index) => checksum(index % 2 ? path : fd, { threads: 2 }));
  },

  async largeChecksum() {
    const { checksum } = await load('index');
    const path = own('large');
    writeFileSync(path, Buffer.alloc(64 << 20));
    await forEver((index) => checksum(path, { threads: 4, engine: index % 2 ? 'auto' : 'userspace' }));
  },

  async relay() {
    const { relay } = await load('relay/index');
    const source = openSync(sourceOf(1_000_000));
    const sinks = [openSync(own('sink'), 'w+'), openSync('/dev/null', 'w')];
    await forEver((index) =>
      relay(source, sinks[index % 2], { sinkOffset: index % 2 ? 0 : index * 1_000_000 }),
    );
  },

  async waitingRelay() {
    const { relay } = await load('relay/index');
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const sink = openSync(own('sink'), 'w+');
    parentPort.postMessage('begun');
    for (let round = 0; round < 20; round++) {
      const socket = connect({
        port: server.address().port,
        host: '127.0.0.1',
        onread: { buffer: Buffer.alloc(1), callback: () => true },
      });
      await once(socket, 'connect');
      relay(socket._handle.fd, sink, { sinkOffset: round * 100 });
    }
  },

  async copy() {
    const { copyFile } = await load('index');
    const path = sourceOf(1_000_000);
    const options = {
      engine: 'userspace',
      profiles: ['sluice'],
      keep: ['mode', 'xattrs'],
    };
    await forEver((index) =>
      copyFile(path, staged(`copy-${index}`), options).catch((error) => {
        if (error.code !== 'ERR_SLUICE_BUSY') throw error;
      }),
    );
  },

  async stage() {
    const { StagedFile } = await load('index');
    await forEver(async (index, round) => {
      const content = round % 2 ? Buffer.alloc(10_000) : undefined;
      const file = await StagedFile.create(staged(`file-${index}`), { content });
      if (round % 3) await file.discard();
      else await file.publish({ attributes: [['user.a', Buffer.from('1')]] });
    });
  },

  async replace() {
    const { StagedFile } = await load('index');
    await forEver(async (index) => {
      const file = await StagedFile.create(staged(`file-${index}`));
      writeSync(file.fd, 'new');
      await file.publish({ replace: file.existing ? 'existing' : 'nothing' }).catch((error) => {
        if (!/PRECONDITION|BUSY/.test(error.code)) throw error;
      });
    });
  },

  async keep() {
    const { StagedFile } = await load('index');
    globalThis.kept = [];
    await forEver(async (index) => {
      if (globalThis.kept.length > 50) await globalThis.kept.shift().discard();
      globalThis.kept.push(await StagedFile.create(staged(`file-${index}`)));
    });
  },

  async receive() {
    const { receive } = await load('http/index');
    const body = randomBytes(300_000);
    await serve(
      async (request, response) => {
        const path = `staged${request.url}-${threadId}`;
        const transport = Math.random() < 0.5 ? 'stream' : 'relay';
        const { status } = await receive(
          request,
          { root: folder, path },
          { transport, profiles: ['sluice'], keep: true },
        );
        response.writeHead(status).end();
      },
      async (where) => {
        const put = request({ ...where, method: 'PUT', headers: { 'Content-Length': body.length } });
        put.end(body);
        const [response] = await once(put, 'response');
        await once(response.resume(), 'end');
      },
    );
  },

  async send() {
    const { send, OnDemandChecksums } = await load('http/index');
    for (const name of ['0', '1', '2']) writeFileSync(own(name), Buffer.alloc(300_000, name));
    const onDemand = new OnDemandChecksums();
    await serve(
      (request, response) => send(response, own(request.url), { onDemand }),
      async (where) => {
        const [response] = await once(
          request({ ...where, headers: { 'Want-Digest': 'md5' } }).end(),
          'response',
        );
        await once(response.resume(), 'end');
      },
    );
  },

  async attributes() {
    const { listAttributes, setAttribute } = await load('files/xattr/index');
    const fd = openSync(sourceOf(10), 'r');
    await forEver(() => Promise.all([setAttribute(fd, 'user.a', Buffer.from('1')), listAttributes(fd)]));
  },

  async verify() {
    const [{ walk }, { verifyChecksums, storeChecksums }] = await Promise.all([
      load('scrub/tree'),
      load('files/xattr/index'),
    ]);
    const fd = openSync(sourceOf(1000));
    await storeChecksums(fd, { adler32: 1n }, { profiles: ['sluice'] }).catch(() => {});
    closeSync(fd);
    await forEver(async () => {
      for await (const { handle } of walk(folder)) {
        if (!handle) continue;
        await verifyChecksums(handle.fd, { engine: 'userspace' }).catch(() => {}); // the other threads write to it
        await handle.close();
      }
    });
  },

  async observe() {
    const { observe } = await load('observe/index');
    await forEver(async (index, round) => {
      const root = own(`tree-${index}`);
      mkdirSync(root, { recursive: true });
      const observation = observe(root, { method: index % 2 ? 'auto' : 'reread', profiles: ['storm'] });
      writeFileSync(join(root, 'file'), String(round));
      for await (const _ of observation) break;
    });
  },

  async libbpf() {
    const libbpf = await load('libbpf/index');
    await forEver(async () => {
      const loaded = libbpf.openObject(bpfObject('core')).load();
      libbpf.mapMemory(loaded.map('shared'));
      libbpf.attachRawTracepoint(loaded.program('sample'), 'sched_process_exit');
      const ring = libbpf.ringBuffer(loaded.map('records'));
      const next = ring.next();
      loaded.program('produce').run({ context: new Uint8Array(BigUint64Array.of(1n, 1n).buffer) });
      await next;
      ring.close();
      loaded.close();
    });
  },

  async iterator() {
    const libbpf = await load('libbpf/index');
    const opened = libbpf.openObject(bpfObject('hooks'));
    for (const name of opened.programNames) opened.program(name).autoload = name === 'on_task';
    opened.variable('process').set(process.pid);
    const link = libbpf.attachIterator(opened.load().program('on_task'));
    await forEver(async () => {
      for await (const _ of libbpf.readIterator(link)) {
        // it ends by itself
      }
    });
  },
};

await kinds[kind]();
