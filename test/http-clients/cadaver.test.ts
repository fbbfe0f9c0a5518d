import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../cli/run.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { served } from './serve.js';

needs('cadaver');

const folder = temporaryFolder();
const server = served();

it('cadaver puts, lists, gets, copies, moves, locks and sets properties', async () => {
  const file = fileOf(folder, 300_000);
  const copy = join(folder, 'copy');
  const commands = [
    `put ${file} first`,
    'ls',
    `get first ${copy}`,
    'mkcol folder',
    'copy first folder/second',
    'move folder/second third',
    'propset first colour blue',
    'lock first',
    'delete third',
    'unlock first',
    'propget first colour',
    'quit',
  ];
  const { stdout } = await run('cadaver', [`${server.url}/`], { input: `${commands.join('\n')}\n` });
  expect(stdout.match(/succeeded\.|failed:?.*/g)).toEqual(commands.slice(0, 10).map(() => 'succeeded.'));
  expect(stdout).toMatch(/^ {8}first +300000 /m);
  expect(stdout).toMatch(/^Value of colour is: blue$/m);
  expect(readFileSync(copy)).toEqual(readFileSync(file));
  expect(server.complaints()).toBe('');
});
