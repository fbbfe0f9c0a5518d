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
import { SluiceError } from '../../errors/errors.js';

interface Parser {
  incoming: IncomingMessage | null;
  _consumed?: boolean;
  execute(bytes: Uint8Array): number | Error;
  [callback: number]: unknown;
}

interface Handle {
  fd?: number;
  readStart(): number;
  readStop(): number;
}

interface Internals {
  parser?: Parser | null;
  _handle?: Handle | null;
  _paused?: boolean;
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
  const { parser, _handle: handle, _paused: paused } = socket as unknown as Internals;
  if (!parser || typeof parser.execute !== 'function' || !(onBody in parser) || paused === undefined)
    return "Node's parser is not where it was expected";
  if (parser.incoming !== request) return 'the next request has come already';
  // Node has paused the parser, too, and goes on with both when the client has read more.
  if (paused) return 'an earlier answer is still being sent';
  // The parser is given then what the socket's stream has, which may hold bytes.
  if (!parser._consumed) return 'somebody else reads from the socket';
  if (!((handle?.fd ?? -1) >= 0) || typeof handle?.readStart !== 'function')
    return 'the socket has no descriptor';
  if (Object.hasOwn(handle, 'readStart')) return 'somebody else reads the body';
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
  /** By Node, in bytes. */
  readonly #read: number;

  /**
   * @param request whose 'request' event is over: the parser has seen all that was read
   * @throws ERR_SLUICE_DISCONNECTED if there is an obstacle by now
   */
  constructor(request: IncomingMessage) {
    const { socket } = request;
    const reason = obstacle(request);
    if (reason !== undefined) throw disconnected(reason);
    const { parser, _handle } = socket as unknown as Required<Internals>;
    const handle = _handle as Handle;
    this.#request = request;
    this.#parser = parser as Parser;
    socket.pause();
    handle.readStop();
    // Much in Node sets a socket going: a request that is read, an answer that has drained, a resume() of before.
    handle.readStart = () => 0;
    this.#read = socket.bytesRead;
    const head: Buffer[] = [];
    for (let chunk = request.read(); chunk !== null; chunk = request.read()) head.push(chunk);
    this.head = head;
    this.left = Number(request.headers['content-length']) - head.reduce((sum, { length }) => sum + length, 0);
    this.#fd = handle.fd as number;
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
   * @throws ERR_SLUICE_DISCONNECTED if the socket was closed; or if Node does not take up where it was left, and the
   * socket is destroyed: the bytes taken may be others than the body's
   */
  giveBack(taken: number): void {
    this.#checkThere();
    const { socket } = this.#request;
    if (socket.bytesRead !== this.#read || !this.#skip(taken)) {
      socket.destroy();
      throw disconnected('Node lost its place in the connection');
    }
    Reflect.deleteProperty((socket as unknown as Required<Internals>)._handle as Handle, 'readStart');
    this.#request.resume();
    // Whoever set it going meanwhile has not, and will not try again.
    socket.pause();
    socket.resume();
  }

  /** Shows the parser as many bytes. Whether it took them for the body's. */
  #skip(bytes: number): boolean {
    const deliver = this.#parser[onBody];
    this.#parser[onBody] = null;
    let left = bytes;
    while (left > 0) {
      const some = nothing.subarray(0, left);
      if (this.#parser.execute(some) !== some.length) break;
      left -= some.length;
    }
    this.#parser[onBody] = deliver;
    return left === 0;
  }
}
