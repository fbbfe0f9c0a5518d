import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attachCgroup } from '../../../../dist/libbpf/index.js';
import { hits, hooks, tool } from './hooks.mjs';

const root = mkdtempSync(join(tmpdir(), 'sluice-cgroup-'));
tool('mount', '-t', 'cgroup2', 'cgroup2', root);
const group = join(root, `sluice-test-${process.pid}`);
mkdirSync(group);

/** Makes sockets in a process of its own. */
function makeSockets(count, inside) {
  const script = `
    if (process.argv[1]) require('node:fs').writeFileSync(process.argv[1], String(process.pid));
    const { createSocket } = require('node:dgram');
    for (let i = 0; i < ${count}; i++) createSocket('udp4').bind(0, '127.0.0.1', function () { this.close(); });`;
  execFileSync(process.execPath, ['-e', script, inside ? join(group, 'cgroup.procs') : '']);
}

const loaded = hooks('on_socket');
const link = attachCgroup(loaded.program('on_socket'), group);
makeSockets(3, false);
const outside = hits(loaded);
makeSockets(3, true);
const inside = hits(loaded);
const { type } = link.info();
link.detach();
makeSockets(3, true);
const detached = hits(loaded);
link.close();
loaded.close();
rmdirSync(group);
tool('umount', root);
rmdirSync(root);
console.log(JSON.stringify({ outside, inside, type, detached }));
