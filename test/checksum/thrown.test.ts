/** What a caller's own part throws is the caller's to catch: in processes of their own, because it would end them. */

import { execFileSync, spawnSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileOf, temporaryFolder } from '../helpers/files.js';

const folder = temporaryFolder();

function holes(size: number): string {
  const path = fileOf(folder, 0);
  truncateSync(path, size);
  return path;
}

/** Runs a module script that says what it caught; what it printed. */
function printed(script: string, path: string): string {
  const module = (name: string) => JSON.stringify(new URL(`../../dist/${name}.js`, import.meta.url).href);
  const whole = `
import { openSync, writeSync } from 'node:fs';
const { checksum, checksumAll } = await import(${module('index')});
const { relay } = await import(${module('relay/index')});
const path = process.argv[1];
const onProgress = (bytes) => { throw new Error('own, ' + (bytes < 2 ** 32 ? 'meanwhile' : 'at the end')); };
const tell = ({ code = '', message }) => console.log(code + message.split('. ')[0]);
${script}`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', whole, path], {
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
}

it('1. a URL that leads to no file is an error of this source', () => {
  const script = `
const sources = [path, new URL('http://example.org/x'), new URL('file:///a%2Fb'), new URL('file:///a%00b')];
for await (const { error, result } of checksumAll(sources, { threads: 4 })) {
  if (result) console.log(result.bytes);
  else tell(error);
}
await checksum(new URL('file://elsewhere/x')).catch(tell);`;
  expect(
    printed(script, fileOf(folder, 10))
      .split('\n')
      .map((line) => line.split(' (')[0]),
  ).toEqual([
    '10',
    'ERR_SLUICE_OPTIONhttp://example.org/x leads to no file of this machine',
    'ERR_SLUICE_OPTIONfile:///a%2Fb leads to no file of this machine',
    'ERR_SLUICE_OPTION"/a\\u0000b" is not a path',
    'ERR_SLUICE_OPTIONfile://elsewhere/x leads to no file of this machine',
    '',
  ]);
});

it('2. a source that throws while an earlier one is awaited', () => {
  const script = `
const thrower = { get fd() { throw new Error('own'); } };
try {
  for await (const { result } of checksumAll([path, thrower], { threads: 2 })) console.log(result.bytes);
} catch (error) { tell(error); }`;
  expect(printed(script, holes(2 ** 28))).toBe(`${2 ** 28}\nown\n`);
});

it('3. onProgress of a sum', () => {
  const script = `
await checksum(path, { onProgress }).catch(tell);
try {
  for await (const { result } of checksumAll([path, path], { onProgress })) console.log(result.bytes);
} catch (error) { tell(error); }`;
  expect(printed(script, holes(2 ** 32))).toBe('own, meanwhile\nown, meanwhile\n');
});

it('4. onProgress of a relay', () => {
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const script = `
const source = openSync(path, 'r+');
writeSync(source, 'more may follow');
await relay(source, openSync('/dev/null', 'w'), { onProgress }).catch(tell);`;
  expect(printed(script, fifo)).toBe('own, meanwhile\n');
});
