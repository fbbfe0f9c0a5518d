#!/usr/bin/env node
// Checks that rooms and files stay small enough to take in at once: a folder of lib/ or native/ has at most 20 units (a .cc
// with its .h is one; folders in it do not count), a source file at most 300 lines. With a folder as its argument it
// checks the tree there.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const mostUnits = 20;
const mostLines = 300;
const rooms = ['lib', 'native'];
const sources = [...rooms, 'bpf', 'bench', 'test', 'scripts'];
/** A script of the shell has none. */
const extensions = ['', '.ts', '.mjs', '.cjs', '.js', '.cc', '.h', '.c', '.py'];

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));

/** The source files of a folder and of those in it. */
function filesIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extensions.includes(posix.extname(entry.name)))
    .map((entry) => posix.join(posix.relative(root, entry.parentPath), entry.name));
}

/** A .h and the .cc that it describes are one. */
function unitOf(path) {
  return path.replace(/\.(cc|h)$/, '');
}

function crowded(folder) {
  const units = new Map();
  for (const unit of new Set(filesIn(folder).map(unitOf))) {
    const room = posix.dirname(unit);
    units.set(room, (units.get(room) ?? 0) + 1);
  }
  return [...units]
    .filter(([, count]) => count > mostUnits)
    .map(
      ([room, count]) =>
        `${room} has ${count} units, and ${mostUnits} are the most: give some a folder of their own`,
    );
}

function long(folder) {
  return filesIn(folder).flatMap((path) => {
    const lines = readFileSync(join(root, path), 'utf8').split('\n').length - 1;
    return lines > mostLines
      ? [`${path} has ${lines} lines, and ${mostLines} are the most: give a part a file of its own`]
      : [];
  });
}

const problems = [...rooms.flatMap(crowded), ...sources.flatMap(long)];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
