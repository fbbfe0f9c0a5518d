/**
 * SciTags (scitags.org): a transfer says for which experiment and activity it is, and this server tells flowd, which
 * marks the packets of the flow or reports it to the network's operators.
 */

import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv6, type Socket } from 'node:net';

export interface SciTag {
  experiment: number;
  activity: number;
}

/**
 * The two numbers of a `SciTag` field: experiment × 64 + activity, from 65 to 65535. Anything else is 0 and 0, which
 * marks a flow whose tag is not known (SciTags' technical specification, HTTP-TPC).
 */
export function parseSciTag(value: string): SciTag {
  const tag = /^\d{2,5}$/.test(value) ? Number(value) : 0;
  return tag > 64 && tag < 65536
    ? { experiment: tag >> 6, activity: tag & 63 }
    : { experiment: 0, activity: 0 };
}

/** Whether the line went into the pipe. */
function tell(pipe: string, line: string): boolean {
  let fd: number | undefined;
  try {
    // Fails at once where flowd does not read (ENXIO) or the pipe is full (EAGAIN); so short a line goes in whole.
    fd = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    return fstatSync(fd).isFIFO() && writeSync(fd, line) === line.length;
  } catch {
    return false; // a transfer matters more than its mark
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Sockets that serve both families name IPv4 addresses in IPv6's way, and link-local ones with an interface. */
function plain(address: string): string {
  const bare = address.replace(/%.*$/, '');
  return isIPv6(bare) ? bare.replace(/^::ffff:(?=\d+\.)/i, '') : bare;
}

/** How flowd knows the connection: protocol, source, destination. */
function flowOf(socket: Socket, remoteIsSource: boolean): string | undefined {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || remoteAddress === undefined) return undefined; // closed already
  const local = `${plain(localAddress)} ${localPort}`;
  const remote = `${plain(remoteAddress)} ${remotePort}`;
  return `tcp ${remoteIsSource ? `${remote} ${local}` : `${local} ${remote}`}`;
}

const marked: ReadonlySet<string | undefined> = new Set(['PUT', 'GET', 'COPY']);

/**
 * Tells flowd of the start of a PUT, GET or COPY that has a `SciTag`, and of its end when the response is over. Never
 * waits and never fails: without a reader nothing is said. Behind a proxy the flow is the proxy's.
 *
 * Of requests that a client sends before it has the answer to the first, each starts when the one before has ended.
 *
 * @param pipe flowd's named pipe, as /var/run/flowd
 */
export function markFlow(pipe: string, request: IncomingMessage, response: ServerResponse): void {
  const value = request.headers['scitag'];
  if (value === undefined || !marked.has(request.method)) return;
  const remoteIsSource =
    request.method === 'PUT' || (request.method === 'COPY' && 'source' in request.headers);
  const { experiment, activity } = parseSciTag(String(value));
  const begin = () => {
    const flow = flowOf(request.socket, remoteIsSource);
    if (flow === undefined) return;
    const line = `${flow} ${experiment} ${activity}\n`;
    if (tell(pipe, `start ${line}`)) response.once('close', () => tell(pipe, `end ${line}`));
  };
  // A response that waits for its turn never hears that the connection was closed. It gets the socket a tick before the
  // one ahead of it says that it is over.
  if (response.socket) begin();
  else response.once('socket', () => process.nextTick(begin));
}
