/**
 * Takes the rest of a body from the socket itself, past Node, and lets Node go on behind it.
 *
 * Node's parser counts the bytes of a body that has a length, and does not look at them. So once the body was taken from
 * the descriptor, the parser is shown as many bytes of nothing with nobody to hand them to: it comes to the body's end
 * in the ordinary way, and the request, the response, keep-alive and the next request are Node's business again. What
 * follows the body was never read, and waits in the socket.
 *
 * This stands on what node:http keeps to itself; take-over-check.ts tries it before it is used.
 */

import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

interface Parser {
  incoming: IncomingMessage | null;
  execute(bytes: Uint8Array): number | Error;
  [callback: number]: unknown;
}

interface Internals {
  parser?: Parser | null;
  _handle?: { fd?: number; reading?: boolean; readStop?(): number } | null;
}

/** HTTPParser.kOnBody: the slot of the function that gets the body's bytes. */
const onBody = 3;

/** Never written, so none of its pages comes to be, and Node copies nothing that nobody gets. */
const nothing = Buffer.alloc(16 << 20);

/** Why a request's body can't be taken, or undefined. */
export function obstacle(request: IncomingMessage): string | undefined {
  const { socket, headers } = request;
  if (!(request instanceof IncomingMessage) || !(socket instanceof Socket))
    return 'not a request of node:http';
  if ('encrypted' in socket) return 'the connection is encrypted by Node';
  if (headers['transfer-encoding'] !== undefined || headers['content-length'] === undefined)
    return 'the length of the body is not known beforehand';
  if (request.readableDidRead || request.readableFlowing !== null) return 'somebody else reads the body';
  const { parser, _handle: handle } = socket as unknown as Internals;
  if (parser?.incoming !== request || typeof parser.execute !== 'function' || !(onBody in parser))
    return "Node's parser is not where it was expected";
  if (!((handle?.fd ?? -1) >= 0) || typeof handle?.readStop !== 'function')
    return 'the socket has no descriptor';
  return undefined;
}

export class TakenBody {
  /** What Node had read of the body. */
  readonly head: readonly Buffer[];
  /** Bytes that are still in the socket, or on their way. */
  readonly left: number;
  /** Of the socket. Nobody else reads from it until `giveBack`. */
  readonly fd: number;
  readonly #request: IncomingMessage;
  readonly #parser: Parser;

  /** @param request without an obstacle, whose 'request' event is over: the parser has seen all that was read */
  constructor(request: IncomingMessage) {
    const { socket } = request;
    const { parser, _handle: handle } = socket as unknown as Required<Internals>;
    this.#request = request;
    this.#parser = parser as Parser;
    socket.pause();
    handle?.readStop?.();
    if (handle) handle.reading = false;
    // Reading what there is would set the socket going again.
    request._read = () => {};
    const head: Buffer[] = [];
    for (let chunk = request.read(); chunk !== null; chunk = request.read()) head.push(chunk);
    this.head = head;
    this.left = Number(request.headers['content-length']) - head.reduce((sum, { length }) => sum + length, 0);
    this.fd = handle?.fd as number;
  }

  /**
   * Lets Node go on, and throw away what is left of the body, if anything.
   *
   * @param taken bytes that were taken from the socket: were it any other number, Node would take bytes of the body for
   * the next request
   */
  giveBack(taken: number): void {
    const deliver = this.#parser[onBody];
    this.#parser[onBody] = null;
    for (let left = taken; left > 0; left -= nothing.length) this.#parser.execute(nothing.subarray(0, left));
    this.#parser[onBody] = deliver;
    Reflect.deleteProperty(this.#request, '_read');
    this.#request.resume();
    // The request waits for what `_read` was to bring, and will not ask again.
    this.#request.socket.resume();
  }
}
