import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { algorithms, createChecksum } from '../../lib/index.js';
import { relay } from '../../lib/relay/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';

needs('python3');

const folder = temporaryFolder();
const size = 8 * 2 ** 20;
let names = 0;
const senders: ChildProcess[] = [];
afterEach(() => {
  for (const sender of senders.splice(0)) sender.kill();
});

/** Sends its pages, by reference, and writes to them again and again while they are under way. */
const script = `
import ctypes, mmap, os, socket, sys, threading
how, family, address, path, size = sys.argv[1:5] + [int(sys.argv[5])]
peer = socket.socket(socket.AF_INET if family == "tcp" else socket.AF_UNIX)
peer.connect(("127.0.0.1", int(address)) if family == "tcp" else address)
libc = ctypes.CDLL(None, use_errno=True)
class Part(ctypes.Structure): _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
file = os.open(path, os.O_RDWR)
memory = mmap.mmap(file, size) if how == "sendfile" else mmap.mmap(-1, size)
base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
ctypes.memset(base, 1, size)
def rewrite():
    value = 0
    while True: # ctypes lets go of the interpreter's lock while it is in the C library
        value = (value + 1) % 256
        libc.memset(ctypes.c_void_p(base), value, ctypes.c_size_t(size))
threading.Thread(target=rewrite, daemon=True).start()
sent = 0
if how == "sendfile":
    while sent < size: sent += os.sendfile(peer.fileno(), file, sent, size - sent)
else:
    r, w = os.pipe()
    while sent < size:
        part = Part(base + sent, min(65536, size - sent))
        got = libc.vmsplice(w, ctypes.byref(part), ctypes.c_ulong(1), 0)
        left = got
        while left > 0: left -= libc.splice(r, None, peer.fileno(), None, ctypes.c_size_t(left), 0)
        sent += got
peer.shutdown(socket.SHUT_WR)
peer.recv(1) # the rewriting goes on until all of it is measured
`;

async function sender(how: 'sendfile' | 'vmsplice', family: 'tcp' | 'unix'): Promise<Socket> {
  const server = createServer({ pauseOnConnect: true });
  const path = join(folder, `socket-${names++}`);
  if (family === 'tcp') server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  const address = family === 'tcp' ? String((server.address() as AddressInfo).port) : path;
  const file = fileOf(folder, randomBytes(size));
  const child = spawn('python3', ['-c', script, how, family, address, file, String(size)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  senders.push(child);
  const failed = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`the sender ended with ${code}`)),
  );
  const [socket] = (await Promise.race([once(server, 'connection'), failed])) as [Socket];
  failed.catch(() => {});
  server.close();
  return socket;
}

describe.each(engines)('a sender that rewrites what it has sent, %s measuring', (engine) => {
  it.each([
    ['sendfile', 'tcp'],
    ['sendfile', 'unix'],
    ['vmsplice', 'tcp'],
    ['vmsplice', 'unix'],
  ] as const)('1. with %s over %s: the value is that of the stored bytes', async (how, family) => {
    // Until what was sent has really changed under way: pages of several moments are stored.
    let moments = 0;
    for (let attempt = 0; attempt < 20 && moments < 3; attempt++) {
      const source = await sender(how, family);
      const path = fileOf(folder, 0);
      const sink = openSync(path, 'r+');
      const result = await relay(source, sink, { engine, algorithms, length: size });
      const stored = readFileSync(path);
      for (const name of algorithms) {
        expect(result.checksums[name]?.value).toBe(createChecksum(name).update(stored).digest());
      }
      const pages = Array.from({ length: size / 4096 }, (_, page) => stored[page * 4096]);
      moments = new Set(pages).size;
      closeSync(sink);
      source.destroy();
      senders.pop()?.kill();
    }
    expect(moments).toBeGreaterThan(2);
  });
});
