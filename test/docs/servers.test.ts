/** The servers that the documentation shows, run as they are but for the folder and the port. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';

const project = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder();

const samples = ['README', 'docs/guide-server', 'docs/http', 'docs/webdav'].flatMap((page) =>
  [...readFileSync(join(project, `${page}.md`), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)]
    .map(([, code]) => code as string)
    .filter((code) => code.includes('server.listen(8080)'))
    .map((code, index) => ({ name: `${basename(page)}-${index}`, code, stores: !code.includes(' send(') })),
);

beforeAll(() => {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(project, join(folder, 'node_modules/sluice'));
});

it('the servers shown are five', () => expect(samples).toHaveLength(5));

describe.each(samples)('$name', ({ name, code, stores }) => {
  const root = join(folder, name);
  let server: ChildProcess;
  let port = 0;

  beforeAll(async () => {
    mkdirSync(root);
    const script = join(folder, `${name}.mjs`);
    const placed = code
      .replaceAll(/'\/(storage|srv\/data)'/g, JSON.stringify(root))
      .replace('8080', '0, () => console.log(server.address().port)');
    const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    writeFileSync(script, ts.transpile(placed, options));
    server = spawn(process.execPath, [script, root], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface({ input: server.stdout as NodeJS.ReadableStream }), 'line');
    port = Number(line);
  });

  afterAll(async () => {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  });

  const ask = (method: string, target: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    socket.write(`${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
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
    expect(await ask(stores ? 'PUT' : 'GET', target)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it.each(['//', '/files/', '/', 'http://a', '/files/../../etc/hostname', '/files/missing?%zz'])(
    'answers a request for %s, which is no file',
    async (target) => expect(await ask('GET', target)).toMatch(/^HTTP\/1\.1 4\d\d /),
  );

  if (stores) {
    it('does not take the query for a part of the name', async () => {
      mkdirSync(join(root, 'files'));
      expect(await ask('PUT', '/files/a%20name?x=1')).toMatch(/^HTTP\/1\.1 201 /);
      const stored = readdirSync(root, { recursive: true }) as string[];
      expect(stored.map((path) => basename(path)).sort()).toEqual(['a name', 'files']);
    });
  }
});
