/** Two relays on one stream that blocks, where kcmp(2), which would tell that it is one, is refused. */

import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { needs } from '../helpers/needs.js';
import { compileDeny } from './deny.js';

needs('python3');

const deny = compileDeny();
const relayModule = new URL('../../dist/relay/index.js', import.meta.url).href;

/** Takes five bytes from the stream while another relay, which nobody feeds, has it as its sink. */
const relays = `
import { openSync } from 'node:fs';
const { relay } = await import(${JSON.stringify(relayModule)});
const [stream, silent] = process.argv.slice(1).map(Number);
const leave = new AbortController();
const second = relay(silent, stream, { signal: leave.signal }).catch(({ code }) => code);
const told = () => new Promise((resolve) => process.stdin.once('data', resolve));
await told();
await relay(stream, openSync('/dev/null', 'w'), { length: 5 });
console.log('first');
await told();
leave.abort();
console.log(await second);
process.exit();`;

/** Holds the same stream, and prints whether it blocks. */
const holder = `
import fcntl, os, socket, subprocess, sys, time
stream, peer = socket.socketpair()
silent, quiet = socket.socketpair()
def waits(): print(not fcntl.fcntl(stream, fcntl.F_GETFL) & os.O_NONBLOCK, flush=True)
waits()
words = sys.argv[1:] + [str(stream.fileno()), str(silent.fileno())]
child = subprocess.Popen(words, pass_fds=[stream.fileno(), silent.fileno()], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
while not fcntl.fcntl(stream, fcntl.F_GETFL) & os.O_NONBLOCK: time.sleep(0.01)  # until the second has it
child.stdin.write(b'go'); child.stdin.flush()
peer.sendall(b'12345')
print(child.stdout.readline().decode().strip())
waits()
child.stdin.write(b'leave'); child.stdin.flush()
print(child.stdout.readline().decode().strip())
waits()`;

it.each([1, 38])('is told otherwise, with %i: it blocks again when the last of them leaves it', (errno) => {
  const command = deny('kcmp', errno, [process.execPath, '--input-type=module', '-e', relays]);
  const printed = execFileSync('python3', ['-c', holder, ...command], { encoding: 'utf8' });
  expect(printed.trim().split('\n')).toEqual(['True', 'first', 'False', 'ERR_SLUICE_ABORTED', 'True']);
});
