/** sk_skb and sk_msg programs, between two sockets of this process. */

import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { attachSocketMap, BpfMap, socketMap, u32 } from '../../../lib/libbpf/index.js';
import { expectRefusal, refused } from '../support.js';
import { hits, hooks } from './hooks.js';

/** The descriptor of a connected socket, which Node keeps to itself. */
function descriptor(socket: Socket): number {
  return (socket as unknown as { _handle: { fd: number } })._handle.fd;
}

async function connected(): Promise<{ client: Socket; server: Socket; close(): void }> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  const [server] = (await once(listener, 'connection')) as [Socket];
  const close = () => {
    client.destroy();
    server.destroy();
    listener.close();
  };
  return { client, server, close };
}

it('sk_skb sees what arrives at a socket in the map', async () => {
  using loaded = hooks('on_data');
  const sockets = socketMap(loaded.map('sockets'), { key: u32 });
  using link = attachSocketMap(loaded.program('on_data'), loaded.map('sockets'));
  const { client, server, close } = await connected();
  sockets.set(0, descriptor(server));
  client.write('twelve bytes');
  expect(String((await once(server, 'data'))[0])).toBe('twelve bytes');
  expect(hits(loaded)).toBe(12);
  expect(sockets.delete(0)).toBe(true);
  expect(refused(() => link.pin('/sys/fs/bpf/x')).message).toContain('the old way');
  close();
});

it('sk_msg sees what a socket in the map sends, until it is detached', async () => {
  using loaded = hooks('on_message');
  const sockets = socketMap(loaded.map('sockets'), { key: u32 });
  const link = attachSocketMap(loaded.program('on_message'), loaded.map('sockets'));
  const { client, server, close } = await connected();
  sockets.set(1, descriptor(client));
  client.write('twelve bytes');
  await once(server, 'data');
  expect(hits(loaded)).toBe(12);
  link.detach();
  expect(refused(() => link.info()).code).toBe('ERR_SLUICE_CLOSED');
  close();
});

it('refuses a map of another type, and a descriptor that is no socket', () => {
  using loaded = hooks('on_message');
  using map = BpfMap.create({ type: 'array', keySize: 4, valueSize: 4, maxEntries: 1 });
  expectRefusal(() => attachSocketMap(loaded.program('on_message'), map));
  expect(refused(() => socketMap(map)).code).toBe('ERR_SLUICE_OPTION');
  const file = openSync('/proc/version', 'r');
  expectRefusal(() => socketMap(loaded.map('sockets'), { key: u32 }).set(0, file));
  closeSync(file);
});
