import { chmodSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { getAttribute, readChecksums, setAttribute } from '../../lib/files/xattr/index.js';
import { temporaryFolder } from '../helpers/files.js';
import { ask } from '../helpers/http.js';
import { start } from '../helpers/program.js';

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
      const args = [root, JSON.stringify({ ...options, transport }), String(umask)];
      const port = Number(await start(new URL('programs/receiving.mjs', import.meta.url), args).line());
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
