import type { IncomingMessage } from 'node:http';
import { obstacle } from '../connection/take-over.js';
import { takeOverFails } from '../connection/take-over-check.js';
import { isNative } from '../digests/body-sums.js';
import type { DigestAlgorithm } from '../fields/algorithms.js';
import { isAwsChunked } from './aws-chunked.js';

/** From so many bytes on the relay gains more than handing over the socket costs: docs/performance.md. */
const relayFrom = 1 << 20;

/** How a body is to come to the disk, and why so. */
export async function chooseTransport(
  request: IncomingMessage,
  asked: 'auto' | 'stream' | 'relay',
  algorithms: readonly DigestAlgorithm[],
): Promise<{ transport: 'stream' | 'relay'; reason: string }> {
  const stream = (reason: string) => ({ transport: 'stream' as const, reason });
  if (asked === 'stream') return stream('asked for');
  const hash = algorithms.find((each) => !isNative(each));
  if (hash !== undefined) return stream(`${hash} is a hash, which Node computes`);
  if (isAwsChunked(request.headers)) return stream('aws-chunked has to be taken off');
  const reason = obstacle(request);
  if (reason !== undefined) return stream(reason);
  const length = Number(request.headers['content-length']);
  if (asked === 'auto' && length < relayFrom) return stream(`the body has less than ${relayFrom} bytes`);
  const failure = await takeOverFails();
  // The connection went on meanwhile.
  const late = failure ?? obstacle(request);
  if (late !== undefined) return stream(late);
  return { transport: 'relay', reason: asked === 'auto' ? `the body has ${length} bytes` : 'asked for' };
}
