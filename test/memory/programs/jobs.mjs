// Does a job again and again, each time with another allocation of its threads failing, until none is left to fail.
// Prints as JSON what became of it how often. usage: node jobs.mjs FOLDER KIND
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { checksum, copyFile, StagedFile } from 'sluice';
import { relay } from 'sluice/relay';

const [folder, kind] = process.argv.slice(2);
const source = join(folder, 'source');
const destination = join(folder, 'destination');
const fifo = join(folder, 'fifo');
writeFileSync(source, Buffer.alloc(40 << 20, 'sluice'));
writeFileSync(destination, 'old');
execFileSync('mkfifo', [fifo]);
const engine = 'userspace';

const kinds = {
  checksum: () => checksum(source, { engine, threads: 2 }),
  relayIntoFile: () => relay(openSync(source), openSync(destination, 'w+'), { engine }),
  relayThrough: () => relay(openSync(source), openSync('/dev/null', 'w'), { engine }),
  async relayThatWaits() {
    const ends = [openSync(fifo, 'r+'), openSync('/dev/null', 'w')];
    const relaying = relay(...ends, { engine, range: { end: 4 } });
    setTimeout(() => writeSync(ends[0], 'late'), 5);
    await relaying.finally(() => closeSync(ends[0]));
  },
  async stage() {
    const file = await StagedFile.create(
      { root: folder, path: 'destination' },
      { content: Buffer.from('new') },
    );
    await file.publish({ replace: 'existing', attributes: [['user.a', Buffer.from('1')]] });
  },
  copy: () => copyFile(source, destination, { engine }),
};

const left = openSync(process.env.FAIL_MALLOC, 'r+');
const number = Buffer.alloc(4);
const arm = (value) => {
  number.writeInt32LE(value);
  writeSync(left, number, 0, 4, 0);
};
const remaining = () => {
  readSync(left, number, 0, 4, 0);
  return number.readInt32LE();
};

const outcomes = {};
for (let at = 1; ; at++) {
  arm(at);
  const outcome = await kinds[kind]().then(
    () => 'done',
    ({ code, message }) => code ?? message,
  );
  if (remaining() > 0) break;
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}
arm(0);
await kinds[kind]();
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
process.exit(statSync(source).size === 40 << 20 ? 0 : 1);
