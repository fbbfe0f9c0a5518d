/** Servers that nobody changes: what they store has its checksum soon after. */

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { ask } from '../helpers/http.js';
import { needs } from '../helpers/needs.js';
import { xrootdServer } from '../helpers/xrootd.js';
import { served } from '../http-clients/serve.js';
import { apache, lighttpd, nginx } from './dav-servers.js';
import { Observed } from './observing.js';
import { allBecomeRight, becomesRight } from './proven.js';

needs('nginx', 'apache2', 'lighttpd', 'xrootd', 'xrdcp', 'xrdfs', 'xrdadler32');

const methods = ['auto', 'follow', 'hook', 'reread'] as const;

describe.each([
  { name: 'nginx', server: nginx() },
  { name: 'Apache', server: apache() },
  { name: 'lighttpd', server: lighttpd() },
  { name: 'the example server', server: served() },
])('by $name,', ({ server }) => {
  it.each(methods)('what is PUT, COPYed and MOVEd has its checksum, with the method %s', async (method) => {
    const { root } = server;
    const folder = join(root, method);
    mkdirSync(folder);
    const { uid, gid } = statSync(root);
    chownSync(folder, uid, gid);
    const observed = new Observed(root, { method, profiles: ['storm'] });
    const send = async (verb: string, name: string, sent = {}) =>
      expect((await ask(server.port, verb, `/${method}/${name}`, sent)).status).toBeOneOf([201, 204]);
    const to = (name: string) => ({
      headers: { destination: `http://127.0.0.1:${server.port}/${method}/${name}` },
    });

    for (const [name, body] of [
      ['small', randomBytes(1000)],
      ['large', randomBytes(5_000_003)],
      ['empty', Buffer.alloc(0)],
    ] as const) {
      await send('PUT', name, { body });
      await becomesRight(join(folder, name));
      expect(readFileSync(join(folder, name)).equals(body)).toBe(true);
    }
    await send('MKCOL', 'below/');
    await send('COPY', 'large', to('below/copy'));
    await becomesRight(join(folder, 'below/copy'));
    await send('MOVE', 'large', to('moved'));
    await observed.value(join(folder, 'moved'));
    await becomesRight(join(folder, 'moved'));

    const before = observed.events.length;
    await send('PUT', 'moved', { body: randomBytes(100_000) });
    await observed.first(
      (event) => event.type === 'value' && event.file === join(folder, 'moved') && event.bytes === 100_000,
      before,
    );
    await becomesRight(join(folder, 'moved'));
    expect(await allBecomeRight(folder)).toBe(4);
    expect(observed.events.filter(({ type }) => type === 'unknown')).toEqual([]);
  });
});

describe('by XRootD,', () => {
  const server = xrootdServer();
  const sources = temporaryFolder();

  it.each(methods)('what xrdcp brings has its checksum, with the method %s', async (method) => {
    const folder = join(server.root, method);
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const observed = new Observed(server.root, { method, profiles: ['storm'] });
    const address = `root://localhost:${server.port}/`;
    const bring = (name: string, bytes: number, ...options: string[]) => {
      const args = ['--nopbar', ...options, fileOf(sources, bytes), `${address}/${method}/${name}`];
      execFileSync('xrdcp', args, { stdio: 'pipe' });
      return becomesRight(join(folder, name));
    };
    await bring('small', 1000);
    await bring('large', 20_000_003);
    await bring('in-streams', 20_000_003, '--streams', '4');
    await bring('at-last', 5_000_000, '--posc');
    await bring('large', 3_000_000, '--force');
    execFileSync('xrdfs', [address, 'mv', `/${method}/small`, `/${method}/moved`]);
    await observed.value(join(folder, 'moved'));
    writeFileSync(join(folder, 'beside'), 'by another');
    expect(await allBecomeRight(folder)).toBe(5);
    expect(observed.events.filter(({ type }) => type === 'unknown')).toEqual([]);
  });
});
