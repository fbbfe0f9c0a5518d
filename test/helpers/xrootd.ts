/** XRootD's server, on a folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { temporaryFolder } from './files.js';
import { freePort } from './http.js';

export interface XrootdServer {
  /** What it serves. */
  readonly root: string;
  readonly port: number;
}

/** Serves while the tests of a file run. */
export function xrootdServer(): XrootdServer {
  const folder = temporaryFolder();
  const root = join(folder, 'data');
  let server: ChildProcess;
  let port = 0;
  beforeAll(async () => {
    mkdirSync(root);
    port = await freePort();
    const [config, log] = [join(folder, 'xrootd.cf'), join(folder, 'log')];
    writeFileSync(
      config,
      `all.export /
oss.localroot ${root}
xrd.port ${port}
all.adminpath ${folder}
all.pidpath ${folder}
xrootd.chksum max 2 adler32 crc32c
`,
    );
    // It does not run as root: it shall own what it serves, as on a storage node.
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    chmodSync(folder, 0o777);
    chmodSync(root, 0o777);
    server = spawn('setpriv', [...nobody, 'xrootd', '-c', config, '-l', log], {
      cwd: folder,
      stdio: 'ignore',
    });
    const logged = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
    while (!/initialization completed/.test(logged())) {
      if (server.exitCode !== null) throw new Error(`xrootd ended: ${logged()}`);
      await setTimeout(20);
    }
  });
  afterAll(async () => {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    if (server.exitCode === null && server.kill()) await gone;
  });
  return {
    root,
    get port() {
      return port;
    },
  };
}
