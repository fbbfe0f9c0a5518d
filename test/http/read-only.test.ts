import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { getAttribute, readChecksums, setAttribute } from '../../lib/files/xattr/index.js';
import { temporaryFolder } from '../helpers/files.js';
import { ask } from '../helpers/http.js';

const program = `
  import { createServer } from 'node:http';
  import { problemOf, receive } from './dist/http/index.js';
  const [root, umask, options] = process.argv.slice(1);
  process.umask(Number(umask));
  if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }
  const server = createServer(async (request, response) => {
    try {
      const { status, fields } = await receive(request, { root, path: request.url }, JSON.parse(options));
      response.writeHead(status, fields).end();
    } catch (error) {
      const { status, headers, body } = problemOf(error);
      response.writeHead(status, headers).end(body);
    }
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

const top = temporaryFolder();
chmodSync(top, 0o755);

describe.each(['stream', 'relay'])('by %s', (transport) => {
  test.each([
    ['the mode', 0o022, { mode: 0o444 }],
    ['the umask', 0o222, {}],
  ])(
    'files that %s forbids to write to are stored, and replaced with what they keep',
    async (_, umask, options) => {
      const root = mkdtempSync(join(top, 'at-'));
      chmodSync(root, 0o777);
      const args = [root, String(umask), JSON.stringify({ ...options, transport })];
      const server = spawn(process.execPath, ['--input-type=module', '-e', program, '--', ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void server.kill());
      const port = Number((await createInterface(server.stdout)[Symbol.asyncIterator]().next()).value);
      const path = join(root, 'file');
      for (const [content, status] of [
        ['new', 201],
        ['newer', 204],
      ] as const) {
        const answer = await ask(port, 'PUT', '/file', { body: content });
        expect(answer, answer.body).toMatchObject({ status });
        expect(readFileSync(path, 'utf8')).toBe(content);
        expect(statSync(path).mode & 0o7777).toBe(0o444);
        await using file = await open(path);
        expect(await readChecksums(file.fd)).toMatchObject([{ profile: 'sluice', state: 'fresh' }]);
        if (status === 201) await setAttribute(file.fd, 'user.colour', Buffer.from('blue'));
        else expect(String(await getAttribute(file.fd, 'user.colour'))).toBe('blue');
      }
    },
  );
});
