import type { IncomingMessage } from 'node:http';
import { bad, checkFunction, flag, rejectUnknown } from '../../checksum/options.js';
import type { Destination } from '../../files/staging/staged-file.js';
import { shown } from '../../shown.js';
import { checkReceiveOptions, type ReceiveOptions } from '../receive/options.js';
import { checkSendOptions, type SendOptions } from '../send/options.js';

export interface FileHandlerOptions {
  /**
   * Where the file of a request lies. Undefined: the request is not for this handler. What it throws is answered.
   *
   * `request.url` is the target beneath what the handler is mounted on: Express' and Koa's paths, Fastify's prefix.
   */
  locate(request: IncomingMessage): Destination | undefined;
  /** For PUT. */
  receive?: Omit<ReceiveOptions, 'proceed' | 's3'>;
  /** For GET and HEAD. */
  send?: Omit<SendOptions, 's3'>;
  /**
   * Speak S3: errors are its XML, a PUT is answered with 200, and what is not about a whole object, as a copy or a list of
   * rights, is refused. Default: false.
   */
  s3?: boolean;
  /**
   * Whether the server's event `checkContinue` leads here, too: 100 Continue is then sent when it is certain that the
   * body is wanted. Default: false, and Node sends it at once.
   */
  checkContinue?: boolean;
  /**
   * Told of the server's own troubles, of which the client hears next to nothing: what is answered with a status of 500
   * or more (501 is the client's), or would be, had no answer begun (a file found rotten while
   * it was sent: once, not at each request for it). Default:
   * standard error.
   */
  onError?: (error: unknown, request: IncomingMessage) => void;
  /** Flowd's named pipe, to be told of transfers that have a SciTag. Default: nobody is told. */
  flowd?: string;
}

const known: ReadonlySet<string> = new Set([
  'locate',
  'receive',
  'send',
  's3',
  'checkContinue',
  'onError',
  'flowd',
] satisfies (keyof FileHandlerOptions)[]);

/** Throws for options of `receive` and `send` that the handler sets itself. */
function rejectOwn(of: string, options: object, names: readonly string[]): void {
  const name = names.find((each) => each in options);
  if (name !== undefined) throw bad(`The option ${of}.${name} is set by the handler itself`);
}

export type CheckedFileHandlerOptions = FileHandlerOptions &
  Required<Pick<FileHandlerOptions, 'receive' | 'send' | 's3' | 'checkContinue' | 'onError'>>;

/** Throws ERR_SLUICE_OPTION for anything that a request would be the first to meet. */
export function checkFileHandlerOptions(options: FileHandlerOptions): CheckedFileHandlerOptions {
  rejectUnknown(options, known);
  const { receive = {}, send = {}, s3 = false, checkContinue = false, flowd } = options;
  const { locate, onError = (error: unknown) => console.error(error) } = options;
  if (typeof locate !== 'function') throw bad(`The option locate is a function, not ${shown(locate)}`);
  checkReceiveOptions(receive);
  rejectOwn('receive', receive, ['proceed', 's3']);
  checkSendOptions(send);
  rejectOwn('send', send, ['s3']);
  checkFunction('onError', onError);
  if (flowd !== undefined && (typeof flowd !== 'string' || flowd === '' || flowd.includes('\0')))
    throw bad(`The option flowd is the path of a pipe, not ${shown(flowd)}`);
  return {
    ...options,
    receive,
    send,
    s3: flag('s3', s3),
    checkContinue: flag('checkContinue', checkContinue),
    onError,
  };
}
