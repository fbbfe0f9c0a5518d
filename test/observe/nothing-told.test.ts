/** What an observation must keep to itself: addresses in the kernel; and it leaves nothing behind there. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { lineOf, linesOf, startUnder } from './observing.js';

const base = temporaryFolder();

/** With file systems of its own, one for pins among them. */
const apart = ['unshare', '--mount', 'sh', '-c', 'mount -t bpf bpf /sys/fs/bpf && exec "$@"', 'sh'];

/** What a mount for pins has by itself. */
const fresh = execFileSync(apart[0] as string, [...apart.slice(1), 'ls', '/sys/fs/bpf'], { encoding: 'utf8' })
  .split('\n')
  .slice(0, -1)
  .sort();

/** In hexadecimal, and in decimal: the upper half of what 64 bits hold, as it is and less than zero. */
const address = /ffff[0-9a-f]{12}|\b(?:9[2-9]|1[0-8]\d)\d{17}\b|-\d{13,}/i;

it.each(['18446612682070000640', '0xffff888100000000', '-131391639550976'])('%s is an address', (text) => {
  expect(`{"page":${text}}`).toMatch(address);
});

it.each(
  ['auto', 'follow', 'hook', 'reread'].flatMap((method) => [
    [method, 'in words', []],
    [method, 'as JSON', ['--json']],
  ]) as [string, string, string[]][],
)(
  'with the method %s, %s, no address in the kernel is told, and nothing is pinned',
  async (method, _, json) => {
    const root = join(base, `${method}-${json.length}`);
    mkdirSync(root);
    const args = ['--method', method, '--stats', '--profile', 'storm', ...json, root];
    const { child, ended, complaints } = await startUnder(apart, ...args);
    const pins = () => readdirSync(`/proc/${child.pid}/root/sys/fs/bpf`).sort();
    let told = '';
    const lines = linesOf(child.stdout);
    const file = (name: string) => join(root, name);
    const path = file('large');
    writeFileSync(path, Buffer.alloc(3_000_000, 1));
    truncateSync(path, 5_000_000);
    execFileSync('dd', [
      'if=/dev/zero',
      `of=${path}`,
      'bs=4096',
      'seek=3',
      'conv=notrunc',
      'count=2',
      'status=none',
    ]);
    for (let n = 0; n < 20; n++) writeFileSync(file(`small-${n}`), 'content');
    writeFileSync(file('last'), 'content');
    child.stdout.on('data', (text: Buffer) => {
      told += text;
    });
    await lineOf(lines, file('last'));
    expect(pins()).toEqual(fresh);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(told).toContain(file('last'));
    expect(complaints()).toMatch(/bytes ?followed/i);
    expect(told + complaints()).not.toMatch(address);
  },
);
