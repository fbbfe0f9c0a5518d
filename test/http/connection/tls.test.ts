import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileHandler, type ReceiveResult, receive, requestPath } from '../../../lib/http/index.js';
import { type Outcome, run } from '../../cli/run.js';
import { certificateIn } from '../../helpers/certificate.js';
import { fileOf, openDescriptors, temporaryFolder } from '../../helpers/files.js';
import { needs } from '../../helpers/needs.js';
import { reference } from '../../helpers/reference.js';
import { rot, storedFile } from '../../helpers/rot.js';

needs('curl', 'openssl');

const folder = temporaryFolder();
const { certPath, keyPath, cert, key } = certificateIn(folder);
const large = fileOf(folder, 20_000_000);
const stated = `Digest: adler32=${reference('adler32', readFileSync(large)).toString(16).padStart(8, '0')}`;

const body = join(folder, 'body');
const fields = join(folder, 'fields');
const said = ['-o', body, '-D', fields, '-w', '%{http_version} %{http_code}'];
const curl = (...args: string[]): Promise<Outcome> =>
  run('curl', ['-sS', '--cacert', certPath, ...said, ...args]);

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe.each([
  [
    'HTTP/1.1',
    '1.1',
    (handler: RequestListener) => createHttpsServer({ key, cert, requestTimeout: 0 }, handler),
  ],
  // Node's compatibility API gives HTTP/2 the look of node:http, but not its types.
  ['HTTP/2', '2', (handler: RequestListener) => createSecureServer({ key, cert }, handler as never)],
] as const)('%s over TLS, which Node takes off', (_, version, create) => {
  const root = temporaryFolder();
  const errors: unknown[] = [];
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  const server = create(
    fileHandler({
      locate: (request) => ({ root, path: requestPath(request) }),
      // Up to Node 24 HTTP/2 does not notice that a client has left while it is sent a file: that is over with this.
      send: { verify: 'onread', idleTimeout: 5000 },
      onError: (error) => errors.push(error),
    }),
  );
  let url = '';
  beforeAll(async () => {
    process.on('warning', warned);
    url = `https://localhost:${await listening(server)}`;
  });
  afterAll(() => {
    process.off('warning', warned);
    server.close();
    expect(warnings).toEqual([]);
  });
  it.each([
    ['whose length is known', []],
    ['in chunks', ['-H', 'Transfer-Encoding: chunked']],
    ['without waiting for 100 Continue', ['-H', 'Expect:']],
  ])('stores a body %s, and serves it', async (name, args) => {
    const target = `${url}/${name.replaceAll(' ', '-')}`;
    const put = await curl('-T', large, '-H', stated, ...args, target);
    expect(put).toMatchObject({ status: 0, stdout: `${version} 201` });
    const get = await curl('-H', 'Want-Digest: adler32', target);
    expect(get.stdout).toBe(`${version} 200`);
    expect(readFileSync(body).equals(readFileSync(large))).toBe(true);
    expect(readFileSync(fields, 'latin1').toLowerCase()).toContain(stated.toLowerCase());
  });

  it('refuses a wrong digest, and a file that may not be replaced while its body comes', async () => {
    const wrong = await curl('-T', large, '-H', 'Digest: adler32=1', `${url}/wrong`);
    expect(wrong.stdout).toBe(`${version} 412`);
    expect(existsSync(join(root, 'wrong'))).toBe(false);
    writeFileSync(join(root, 'there'), 'old');
    const there = await curl('-T', large, '-H', 'Expect:', '-H', 'If-None-Match: *', `${url}/there`);
    expect(there.stdout).toBe(`${version} 412`);
    expect(readFileSync(join(root, 'there'), 'utf8')).toBe('old');
  });

  it('never serves the end of what has rotten', async () => {
    const path = await storedFile(root, 3_000_000);
    rot(path, 100);
    errors.length = 0;
    const { status, stdout } = await curl(`${url}/${path.slice(root.length + 1)}`);
    expect(stdout).toBe(`${version} 200`);
    expect(status).toBe(version === '2' ? 92 : 18); // a stream that was reset, and a file that is not whole
    expect(readFileSync(body).length).toBeLessThan(3_000_000);
    // The client may have read of the end before this process is told of it.
    await expect.poll(() => errors).toEqual([expect.objectContaining({ code: 'ERR_SLUICE_CORRUPT' })]);
  });

  it('forgets a client that leaves', async () => {
    const names = readdirSync(root);
    const gone = ['--limit-rate', '1M', '--max-time', '1'];
    expect((await curl('-T', large, ...gone, `${url}/gone`)).status).toBe(28);
    writeFileSync(join(root, 'served'), Buffer.alloc(64 << 20));
    expect((await curl(...gone, `${url}/served`)).status).toBe(28);
    const opened = () => openDescriptors().filter((target) => target.startsWith(root));
    await expect.poll(opened, { timeout: 40_000 }).toEqual([]);
    expect(readdirSync(root)).toEqual([...names, 'served'].sort());
  });
});

describe('nginx in front, which takes TLS off', () => {
  const root = temporaryFolder();
  const outcomes: ReceiveResult[] = [];
  const server = createServer(async (request, response) => {
    const outcome = await receive(request, { root, path: requestPath(request) });
    outcomes.push(outcome);
    response.writeHead(outcome.status, outcome.fields).end();
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it('as docs/http.md has it, leaves bodies to the relay', async () => {
    const behind = await listening(server);
    const unused = createServer();
    const front = await listening(unused);
    unused.close();
    const docs = readFileSync(new URL('../../../docs/http.md', import.meta.url), 'utf8');
    const location = (/```nginx\n(.*?)```/s.exec(docs)?.[1] ?? '').replace('8080', String(behind));
    const conf = join(folder, 'nginx.conf');
    writeFileSync(
      conf,
      `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/log; events {} http {
         access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
         fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
         server { listen 127.0.0.1:${front} ssl; ssl_certificate ${certPath}; ssl_certificate_key ${keyPath};
                  ${location} } }`,
    );
    const nginx = spawn('nginx', ['-c', conf, '-e', join(folder, 'log')], { stdio: 'ignore' });
    const over = once(nginx, 'exit');
    try {
      while (!(await answers(front))) {
        expect(nginx.exitCode, 'nginx ended').toBeNull();
        await setTimeout(20);
      }
      const put = await curl('-T', large, '-H', stated, `https://localhost:${front}/stored`);
      expect(put).toMatchObject({ status: 0, stdout: '1.1 201' });
    } finally {
      nginx.kill();
      await over;
    }
    expect(outcomes).toMatchObject([{ bytes: 20_000_000, transport: 'relay' }]);
    expect(readFileSync(join(root, 'stored')).equals(readFileSync(large))).toBe(true);
  });
});

/** Whether somebody listens on a port. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
