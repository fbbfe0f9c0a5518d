#!/usr/bin/env node
// Checks that imports, and includes, go one way: a file imports from its own room and from those below it, and no files
// import each other in a circle. With a folder as its argument it checks the tree there.

import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

// From top to bottom. A file belongs to the longest name that its path begins with.
const orders = [
  [
    'bench',
    'lib/index.ts',
    'lib/cli',
    'lib/measure',
    'lib/http',
    'lib/observe',
    'lib/scrub',
    'lib/copy',
    'lib/relay',
    'lib/files/staging',
    'lib/files/xattr',
    'lib/checksum',
    'lib/engine',
    'lib/libbpf',
    'lib/files', // its own files: what all else opens files with
    'lib/system', // what a refusal means: these files ask the kernel
    'lib/version.ts',
    'lib/native',
    'lib/errors', // these do not
    'lib/shown.ts',
  ],
  [
    'native/addon.cc',
    'native/checksum',
    'native/relay',
    'native/observe',
    'native/engine',
    'native/probe',
    'native/libbpf',
    'native/file',
    'native/privilege',
    'native/system',
    'native/runtime',
    'native/reduce',
    'bpf',
    'bpf/memory',
    'bpf/reduce',
    'bpf/kernel.bpf.h',
    'bpf/rdonly_cast.bpf.h',
  ],
];

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));

function filesIn(folder) {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => posix.join(folder, name))
      .filter((path) => /\.(ts|cc|h|c)$/.test(path));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

function importsOf(path) {
  const text = readFileSync(join(root, path), 'utf8');
  if (!path.endsWith('.ts')) {
    return [...text.matchAll(/^#include "((?:native|bpf)\/[^"]+)"/gm)].map(([, name]) => name);
  }
  return ts.preProcessFile(text).importedFiles.flatMap(({ fileName: name }) => {
    if (name === '#bench') return ['bench/index.ts'];
    if (name.startsWith('#lib/')) return [name.replace('#', '').replace(/js$/, 'ts')];
    return name.startsWith('.') ? [posix.join(posix.dirname(path), name).replace(/js$/, 'ts')] : [];
  });
}

/** Its room's place in an order; undefined where it has none. */
function placeOf(path, order) {
  const rooms = order.filter((room) => path === room || path.startsWith(`${room}/`));
  if (rooms.length === 0) return undefined;
  return order.indexOf(rooms.reduce((a, b) => (b.length > a.length ? b : a)));
}

/** Every circle that a walk through the files closes, as the files on it. */
function circles(graph) {
  const found = [];
  const done = new Set();
  const visit = (path, way) => {
    const at = way.indexOf(path);
    if (at >= 0) found.push(way.slice(at));
    if (at >= 0 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

const problems = [];
for (const order of orders) {
  const folders = new Set(order.map((room) => room.split('/')[0]));
  const graph = new Map([...folders].flatMap(filesIn).map((path) => [path, importsOf(path)]));
  for (const [path, imports] of graph) {
    const place = placeOf(path, order);
    if (place === undefined)
      problems.push(`${path} is in no room: give it a place in scripts/lint-imports.mjs`);
    for (const imported of imports) {
      const other = placeOf(imported, order);
      if (place !== undefined && other !== undefined && other < place) {
        problems.push(`${path} imports ${imported}: ${order[other]} stands above ${order[place]}`);
      }
    }
  }
  for (const circle of circles(graph)) {
    problems.push(`in a circle: ${[...circle, circle[0]].join(' -> ')}`);
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
