// What the scripts that run in namespaces of their own have in common.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openObject } from 'sluice/libbpf';

const object = fileURLToPath(new URL('../../../../build/test-bpf/hooks.bpf.o', import.meta.url));

/** Runs a tool, without the sanitizer that this process may have been started with. */
export function tool(command, ...given) {
  execFileSync(command, given, { env: { PATH: process.env.PATH } });
}

/** Loads only the programs named. */
export function hooks(...programs) {
  const opened = openObject(object);
  for (const name of opened.programNames) opened.program(name).autoload = programs.includes(name);
  return opened.load();
}

/** How often they ran. */
export function hits(loaded) {
  return Number(loaded.variable('hits').get());
}

/** Sends `count` datagrams over the loopback device, and waits for them to arrive. */
export async function sendDatagrams(count) {
  const { createSocket } = await import('node:dgram');
  const { once } = await import('node:events');
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  for (let i = 0; i < count; i++) {
    const arrived = once(socket, 'message');
    socket.send('datagram', socket.address().port, '127.0.0.1');
    await arrived;
  }
  socket.close();
}
