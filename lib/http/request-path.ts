import type { IncomingMessage } from 'node:http';
import { SluiceError } from '../errors/errors.js';

/**
 * The path in a request's target, decoded, without the query: it begins with a slash. What is in it is the client's
 * word; in `{ root, path }` it can't lead out of the root.
 *
 * @throws SluiceError ERR_SLUICE_TARGET if the target has no path, or one that is not well encoded
 */
export function requestPath({ url = '' }: Pick<IncomingMessage, 'url'>): string {
  // A proxy's client gives scheme and host, and may leave out the slash behind them (RFC 9112, 3.2.2).
  const encoded = url.replace(/^https?:\/\/[^/?#]+(?=([/?#]|$))\/?/i, '/').replace(/\?.*$/s, '');
  let path: string | undefined;
  try {
    path = decodeURIComponent(encoded);
  } catch {
    // `%zz`, or bytes that are no UTF-8
  }
  if (path === undefined || !path.startsWith('/') || encoded.includes('#') || path.includes('\0'))
    throw new SluiceError(
      'ERR_SLUICE_TARGET',
      `The request is for ${JSON.stringify(url)}, which has no path`,
    );
  return path;
}
