import { type Answer, ask, type Sent } from '../helpers/http.js';
import type { Served } from './serve.js';

/** The body of a PROPPATCH. */
export const colour =
  '<propertyupdate xmlns="DAV:"><set><prop><colour xmlns="urn:x">blue</colour></prop></set></propertyupdate>';
/** The body of a LOCK. */
export const lock =
  '<lockinfo xmlns="DAV:"><locktype><write/></locktype><lockscope><exclusive/></lockscope></lockinfo>';

/** Sends requests of any method, with a body that it takes, and somewhere to go. */
export const sender =
  (server: Served) =>
  (method: string, path: string, sent: Sent = {}): Promise<Answer> => {
    const Destination = `${server.url}${sent.headers?.['Destination'] ?? '/elsewhere'}`;
    const headers = { Depth: method === 'PROPFIND' ? '0' : 'infinity', ...sent.headers, Destination };
    const body = method === 'PROPPATCH' ? colour : method === 'LOCK' ? lock : '';
    return ask(server.port, method, path, { body, ...sent, headers });
  };
