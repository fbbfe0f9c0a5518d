/** The servers that the documentation shows, run as they are but for the folder and the port. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';

const project = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder();
const root = join(folder, 'root');

const samples = ['http', 'webdav'].flatMap((page) =>
  [...readFileSync(join(project, `docs/${page}.md`), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)]
    .map(([, code]) => code as string)
    .filter((code) => code.includes('server.listen(8080)'))
    .map((code, index) => ({ name: `${page}-${index}`, code })),
);

beforeAll(() => {
  mkdirSync(root);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(project, join(folder, 'node_modules/sluice'));
});

it('are three', () => expect(samples).toHaveLength(3));

describe.each(samples)('$name', ({ name, code }) => {
  let server: ChildProcess;
  let port = 0;

  beforeAll(async () => {
    const script = join(folder, `${name}.mjs`);
    const placed = code
      .replaceAll(/'\/(storage|srv\/data)'/g, JSON.stringify(root))
      .replace('8080', '0, () => console.log(server.address().port)');
    const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    writeFileSync(script, ts.transpile(placed, options));
    server = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface({ input: server.stdout as NodeJS.ReadableStream }), 'line');
    port = Number(line);
  });

  afterAll(async () => {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  });

  const get = (target: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    return text(socket);
  };

  it.each([
    ['%zz', 400],
    ['/%zz', 400],
    ['/files/%00', 400],
    ['/files/%ff', 400],
    ['/files/a#b', 400],
    ['*', 400],
  ])('answers a request for %s with %i', async (target, status) => {
    expect(await get(target)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it.each(['//', '/files/', '/', 'http://a', '/files/../../etc/hostname', '/files/missing?%zz'])(
    'answers a request for %s, which is no file',
    async (target) => expect(await get(target)).toMatch(/^HTTP\/1\.1 4\d\d /),
  );
});
