/** That the example server changes nothing unless what the request demands holds. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Answer, ask, type Sent } from '../helpers/http.js';
import { served } from './serve.js';

const server = served();
const send = (method: string, path: string, sent?: Sent): Promise<Answer> =>
  ask(server.port, method, path, sent);
const url = (path: string) => `${server.url}${path}`;
const onDisk = (path: string) => readFileSync(join(server.root, path), 'utf8');

describe('conditions', () => {
  it.each([
    ['DELETE', ''],
    ['MOVE', ''],
    ['COPY', ''],
    ['PROPPATCH', '<propertyupdate xmlns="DAV:"/>'],
    ['LOCK', '<lockinfo xmlns="DAV:"/>'],
    ['PUT', 'new'],
  ])('hold for %s', async (method, body) => {
    await send('PUT', '/demanded', { body: 'as it was' });
    const stale = [
      'If-Match',
      '"1-2-3"',
      'If-None-Match',
      '*',
      'If-Unmodified-Since',
      new Date(0).toUTCString(),
    ];
    for (let i = 0; i < stale.length; i += 2) {
      const headers = { Destination: url('/elsewhere'), [stale[i] as string]: stale[i + 1] as string };
      expect((await send(method, '/demanded', { headers, body })).status, stale[i]).toBe(412);
    }
    expect(onDisk('demanded')).toBe('as it was');
    expect(readdirSync(server.root)).not.toContain('elsewhere');
  });

  it('that hold are no obstacle', async () => {
    await send('PUT', '/demanded', { body: 'as it was' });
    const { headers } = await send('HEAD', '/demanded');
    const etag = headers.etag as string;
    expect((await send('DELETE', '/demanded', { headers: { 'If-Match': etag } })).status).toBe(204);
    expect((await send('DELETE', '/demanded', { headers: { 'If-Match': etag } })).status).toBe(412);
  });
});
