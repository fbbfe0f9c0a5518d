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
import { SluiceError } from '../errors.js';

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
  if (socket.destroyed) return 'the connection is closed';
  if ('encrypted' in socket) return 'the connection is encrypted by Node';
  if (headers['transfer-encoding'] !== undefined || headers['content-length'] === undefined)
    return 'the length of the body is not known beforehand';
  if (request.readableDidRead || request.readableFlowing !== null) return 'somebody else reads the body';
  const { parser, _handle: handle } = socket as unknown as Internals;
  if (!parser || typeof parser.execute !== 'function' || !(onBody in parser))
    return "Node's parser is not where it was expected";
  if (parser.incoming !== request) return 'the next request has come already';
  if (!((handle?.fd ?? -1) >= 0) || typeof handle?.readStop !== 'function')
    return 'the socket has no descriptor';
  return undefined;
}

function disconnected(reason: string): SluiceError {
  return new SluiceError('ERR_SLUICE_DISCONNECTED', `The rest of the body can not be taken: ${reason}`);
}

export class TakenBody {
  /** What Node had read of the body. */
  readonly head: readonly Buffer[];
  /** Bytes that are still in the socket, or on their way. */
  readonly left: number;
  readonly #fd: number;
  readonly #request: IncomingMessage;
  readonly #parser: Parser;

  /**
   * @param request whose 'request' event is over: the parser has seen all that was read
   * @throws ERR_SLUICE_DISCONNECTED if there is an obstacle by now
   */
  constructor(request: IncomingMessage) {
    const { socket } = request;
    const reason = obstacle(request);
    if (reason !== undefined) throw disconnected(reason);
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
    this.#fd = handle?.fd as number;
  }

  /**
   * Of the socket. Nobody else reads from it until `giveBack`.
   *
   * @throws ERR_SLUICE_DISCONNECTED if the socket was closed: the number may be another connection's by now
   */
  get fd(): number {
    this.#checkThere();
    return this.#fd;
  }

  /** Whoever closes the socket gives its descriptor back to the system, and Node its parser to the next connection. */
  #checkThere(): void {
    const { socket } = this.#request;
    const { parser, _handle: handle } = socket as unknown as Internals;
    const there = !socket.destroyed && parser === this.#parser && handle?.fd === this.#fd;
    // Once it has seen all of the body, the parser may have let go of the request.
    if (!there || (this.left > 0 && parser.incoming !== this.#request))
      throw disconnected('the connection was closed');
  }

  /**
   * Lets Node go on, and throw away what is left of the body, if anything.
   *
   * @param taken bytes that were taken from the socket: were it any other number, Node would take bytes of the body for
   * the next request
   * @throws ERR_SLUICE_DISCONNECTED if the socket was closed
   */
  giveBack(taken: number): void {
    this.#checkThere();
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
