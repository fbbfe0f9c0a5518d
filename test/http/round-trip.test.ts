import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createChecksum } from '../../lib/checksum/create-checksum.js';
import { receive } from '../../lib/http/index.js';
import { temporaryFolder } from '../helpers/files.js';
import { listening, ask as put } from '../helpers/http.js';
import { ask as get, serving } from './serving.js';

const root = temporaryFolder();

it('what was received is sent under the same tag, verified, with the digest stored for it', async () => {
  const place = { root, path: 'file' };
  const receiving = await listening(async (request, response) => {
    const { status, fields } = await receive(request, place, { algorithms: ['crc32c'] });
    response.writeHead(status, fields).end();
  });
  const { port, over } = await serving(place, { verify: 'onread', onDemand: false });

  const body = randomBytes(1_500_000);
  const digest = `crc32c=${createChecksum('crc32c').update(body).digest('hex')}`;
  const stored = await put(receiving, 'PUT', '/', { body });
  expect([stored.status, stored.headers['digest']]).toEqual([201, digest]);

  const etag = stored.headers.etag as string;
  const sent = await get(port, { 'Want-Digest': 'crc32c', 'If-Match': etag });
  expect([sent.status, sent.headers.etag, sent.headers['digest']]).toEqual([200, etag, digest]);
  expect(sent.body.equals(body)).toBe(true);
  expect(await over(1)).toMatchObject([{ status: 200, bytes: body.length, verified: true }]);

  const replaced = await put(receiving, 'PUT', '/', { body: 'other', headers: { 'If-Match': etag } });
  expect(replaced.status).toBe(204);
  expect((await get(port, { 'If-Match': etag })).status).toBe(412);
});
