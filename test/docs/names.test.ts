/** Names in comments and documentation: of files, which may move, and of what the examples show twice. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { backends } from '../../lib/native/backends.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const read = (name: string) => readFileSync(join(root, name), 'utf8');

/** Of whom there is one of that name, in whichever folder. */
const byName = new Map<string, string[]>();
for (const file of files) byName.set(basename(file), [...(byName.get(basename(file)) ?? []), file]);

/** Names of other projects' files, of what is made when something runs, and of what a reader is to put in. */
const foreign =
  /^(linux\/|sys\/|asm\/|bpf\/usdt\.bpf\.h$|bpf\/bpf_helpers\.h$|vmlinux\.h$|bpf_helpers\.h$|lib\/modules|(.*\/)?report\.json$|small\.txt$|x\.bpf\.c$)/;

const code = new Set(['.ts', '.mjs', '.cc', '.h', '.c', '.cmake', '.gyp', '']);

/** What a file says to people: all of a page, the comments of code. */
function prose(file: string): string {
  const text = read(file);
  if (extname(file) === '.md') return text;
  return text
    .split('\n')
    .map((line) => /(?:\/\/|\/\*|^\s*\*|^\s*# ).*/.exec(line)?.[0] ?? '')
    .join('\n');
}

function namesIn(text: string): string[] {
  const named = text.match(
    /(?<![\w/.$@{}-])(?:[\w.-]+\/)*[\w-]+\.(?:bpf\.c|bpf\.h|ts|cc|h|mjs|c|md|svg|json|gyp)(?![\w/(])/g,
  );
  const paths = text.match(
    /(?<![\w/.-])(?:lib|native|bpf|test|kernel-patches|scripts|bench|docs)\/[\w./-]*[\w]/g,
  );
  return [...(named ?? []), ...(paths ?? [])].filter((name) => !foreign.test(name));
}

function exists(name: string, from: string): boolean {
  const places = [name, normalize(join(dirname(from), name))];
  if (places.some((place) => files.some((file) => file === place || file.startsWith(`${place}/`))))
    return true;
  return (byName.get(basename(name)) ?? []).some((file) => file === name || file.endsWith(`/${name}`));
}

describe('a file that is named', () => {
  const speaking = files.filter(
    (file) =>
      (extname(file) === '.md' || code.has(extname(file))) &&
      !/^(LICENSES|CHANGELOG)/.test(file) &&
      file !== 'NOTICE',
  );

  it('in a page or a comment is there', () => {
    const gone = speaking.flatMap((file) =>
      namesIn(prose(file))
        .filter((name) => !exists(name, file))
        .map((name) => `${file}: ${name}`),
    );
    expect(gone).toEqual([]);
  });
});

it('every room of lib, native and bpf is on the page of the source', () => {
  const page = read('docs/source.md');
  const rooms = new Set(files.flatMap((file) => /^(?:lib|native|bpf)\/[^/]+(?=\/)/.exec(file) ?? []));
  expect(rooms.size).toBeGreaterThan(20);
  expect([...rooms].filter((room) => !page.includes(room))).toEqual([]);
});

const pages = files.filter((file) => file === 'README.md' || /^docs\/.*\.md$/.test(file));

it('data.root has the same checksums on every page', () => {
  const values = new Set<string>();
  const commands = pages
    .flatMap((page) => [...read(page).matchAll(/^```console\n(.*?)^```/gms)])
    .flatMap(([, block]) => (block as string).split(/^\$ /m))
    .filter((command) => /\bdata\.root\b/.test(command));
  for (const command of commands) {
    // Beside another file each line names its own.
    const lines = command.split('\n').filter((line) => !line.includes('(small.txt)'));
    for (const value of lines.join('\n').match(/\b[0-9a-f]{8}\b/g) ?? []) values.add(value);
    for (const [, base64] of command.matchAll(/=:(.*?):/g))
      values.add(Buffer.from(base64 as string, 'base64').toString('hex'));
  }
  // Adler-32, CRC-32C, and what a client states wrongly.
  expect([...values].sort()).toEqual(['00000001', '08d6d55b', '4fbcefbb']);
});

it('the fields of a row of compare, and its backends, are those of the guide', () => {
  const [, row = ''] =
    /^export interface Row \{\n(.*?)^\}/ms.exec(read('lib/cli/output/comparison.ts')) ?? [];
  const fields = [...row.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name as string);
  const besides = /backend: Backend \| (.*);/.exec(read('lib/measure/rounds.ts'))?.[1] ?? '';
  const ran = [...backends, ...[...besides.matchAll(/'(\w+)'/g)].map(([, name]) => name as string)];
  expect(fields.length + ran.length).toBeGreaterThan(10);
  const [rows = ''] = /^Rows in JSON: .*?(?=\n\n)/ms.exec(read('docs/guide-engines.md')) ?? [];
  const named = [...rows.matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
  expect(named.sort()).toEqual([...fields, ...ran].sort());
});

it('the longest piece, for which a writer waits, is as long as the buffer on every page', () => {
  const buffer = /kBufferSize = (\d+) << 20/.exec(read('native/runtime/worker.h'))?.[1];
  const pieces = pages.flatMap((page) =>
    [...read(page).matchAll(/pieces?\s*(?:,|of|\()?\s*(?:of )?(\d+)\s+MiB\s+at\s+most/g)].map(
      ([, size]) => size,
    ),
  );
  expect(pieces.length).toBeGreaterThan(2);
  expect(new Set(pieces)).toEqual(new Set([buffer]));
});
