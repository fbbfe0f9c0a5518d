/** Servers of WebDAV, each as it is installed, with a configuration that makes it serve one folder. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { ask, freePort } from '../helpers/http.js';

export interface DavServer {
  /** The folder that is served, by `port`; it belongs to whom the server runs as. */
  readonly root: string;
  readonly port: number;
}

interface Setup {
  /** As whom it runs, where that is not root. */
  user?: string;
  command: readonly string[];
  /** @param own a folder for what the server keeps for itself, on the same file system */
  configuration(root: string, port: number, own: string): string;
}

/** Serves while the tests of a file run. */
function served(name: string, { user, command, configuration }: Setup): DavServer {
  const base = temporaryFolder();
  const [root, own] = [join(base, 'root'), join(base, 'own')];
  let port = 0;
  let child: ChildProcess;
  beforeAll(async () => {
    chmodSync(base, 0o755);
    for (const folder of [root, own]) mkdirSync(folder);
    if (user) execFileSync('chown', [user, root, own]);
    port = await freePort();
    const file = join(own, 'configuration');
    writeFileSync(file, configuration(root, port, own));
    const log = join(own, 'output');
    const [program, ...args] = command as [string, ...string[]];
    child = spawn('sh', ['-c', `exec "$@" > ${log} 2>&1`, 'sh', program, ...args, file]);
    const answers = () =>
      ask(port, 'GET', '/').then(
        () => true,
        () => false,
      );
    while (!(await answers())) {
      if (child.exitCode !== null) throw new Error(`${name} ended: ${readFileSync(log, 'utf8')}`);
      await setTimeout(20);
    }
  });
  afterAll(async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.kill()) await gone;
  });
  return {
    root,
    get port() {
      return port;
    },
  };
}

/** With its DAV module. What it receives gets its name by rename. */
export function nginx(): DavServer {
  return served('nginx', {
    command: ['nginx', '-c'],
    configuration: (root, port, own) => `daemon off; user root; pid ${own}/pid; error_log stderr;
events {}
http {
  access_log off; client_body_temp_path ${root}/.uploads; client_max_body_size 0;
  proxy_temp_path ${own}/proxy; fastcgi_temp_path ${own}/fastcgi; uwsgi_temp_path ${own}/uwsgi; scgi_temp_path ${own}/scgi;
  server {
    listen 127.0.0.1:${port}; root ${root};
    location / { dav_methods PUT DELETE MKCOL COPY MOVE; create_full_put_path on; }
  }
}
`,
  });
}

/** With mod_dav_fs. */
export function apache(): DavServer {
  return served('Apache', {
    user: 'www-data',
    command: ['apache2', '-DFOREGROUND', '-f'],
    configuration: (root, port, own) => `ServerName here
ServerRoot ${own}
DefaultRuntimeDir ${own}
PidFile ${own}/pid
ErrorLog ${own}/errors
${['mpm_event', 'authz_core', 'dav', 'dav_fs']
  .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`)
  .join('')}
Listen 127.0.0.1:${port}
User www-data
Group www-data
DocumentRoot ${root}
DavLockDB ${own}/locks
<Directory ${root}>
  Dav On
  Require all granted
</Directory>
`,
  });
}

/** With mod_webdav. */
export function lighttpd(): DavServer {
  return served('lighttpd', {
    user: 'www-data',
    command: ['lighttpd', '-D', '-f'],
    configuration: (root, port, own) => `server.modules = ("mod_webdav")
server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${root}"
server.upload-dirs = ("${own}")
server.username = "www-data"
server.groupname = "www-data"
webdav.activate = "enable"
`,
  });
}
