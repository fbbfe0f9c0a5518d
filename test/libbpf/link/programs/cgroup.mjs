import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attachCgroup } from 'sluice/libbpf';
import { hits, hooks, tool } from './hooks.mjs';

const root = mkdtempSync(join(tmpdir(), 'sluice-cgroup-'));
tool('mount', '-t', 'cgroup2', 'cgroup2', root);
const group = join(root, `sluice-test-${process.pid}`);
mkdirSync(group);

/** Makes three sockets in a process of its own. */
function makeSockets(...group) {
  const program = fileURLToPath(new URL('making-sockets.mjs', import.meta.url));
  execFileSync(process.execPath, [program, '3', ...group]);
}

const loaded = hooks('on_socket');
const link = attachCgroup(loaded.program('on_socket'), group);
makeSockets();
const outside = hits(loaded);
makeSockets(group);
const inside = hits(loaded);
const { type } = link.info();
link.detach();
makeSockets(group);
const detached = hits(loaded);
link.close();
loaded.close();
rmdirSync(group);
tool('umount', root);
rmdirSync(root);
console.log(JSON.stringify({ outside, inside, type, detached }));
