import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { receive } from '../../lib/http/index.js';
import { temporaryFolder } from '../helpers/files.js';
import { ask, listening } from '../helpers/http.js';

const root = temporaryFolder();
const path = join(root, 'file');

/** A server that looks at no method; what the answer says is the outcome. */
const serve = () =>
  listening((request, response) => {
    receive(request, { root, path: request.url as string }).then(
      ({ status, fields }) => response.writeHead(status, fields).end(),
      ({ code }) => response.writeHead(500, { Code: code }).end(),
    );
  });

test.each(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'PROPFIND', 'LOCK'])(
  'a file stays what it is when it is asked to %s',
  async (method) => {
    writeFileSync(path, 'old');
    const {
      headers: { code },
    } = await ask(await serve(), method, '/file');
    expect(code).toBe('ERR_SLUICE_OPTION');
    expect(readFileSync(path, 'utf8')).toBe('old');
  },
);

test.each(['PUT', 'POST'])('the body of a %s is stored', async (method) => {
  writeFileSync(path, 'old');
  expect((await ask(await serve(), method, '/file', { body: method })).status).toBe(204);
  expect(readFileSync(path, 'utf8')).toBe(method);
});
