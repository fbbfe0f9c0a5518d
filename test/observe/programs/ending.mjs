// Observes FOLDER twice, prints a line when both have told of a file, and ends in the way that is read: exit, throw or kill.
// usage: node ending.mjs FOLDER
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { observe } from 'sluice/observe';

const [folder] = process.argv.slice(2);
const observations = ['auto', 'reread'].map((method) => observe(folder, { method, profiles: ['storm'] }));
writeFileSync(join(folder, 'file'), 'content');
for (const each of observations) await each[Symbol.asyncIterator]().next();
process.stdout.write('observed\n');
const [how] = await once(process.stdin, 'data');
// So that there is something to do at the end.
for (let n = 0; n < 1000; n++) writeFileSync(join(folder, String(n)), 'content');
switch (how.toString().trim()) {
  case 'exit':
    process.exit(7);
    break;
  case 'kill':
    process.kill(process.pid, 'SIGKILL');
    break;
  default:
    setImmediate(() => {
      throw new Error('as it was told');
    });
}
