#!/usr/bin/env node
/**
 * What prebuildify calls as node-gyp. cmake-js compiles into the folder that `npm run build` fills (build/, or build/linux-ARCH
 * for another architecture), so that nothing is compiled twice. prebuildify takes its file away from build/Release of the
 * folder that it works in: that is a copy.
 */

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
// It says more than matters here, such as --target and --devdir: Node-API needs neither.
const { arch = process.arch } = parseArgs({
  options: { arch: { type: 'string' } },
  strict: false,
}).values;

const native = arch === process.arch;
const out = native ? 'build' : `build/linux-${arch}`;
// The BPF objects are the same for every architecture: the native build makes them.
const cross = [
  '--arch',
  arch,
  '--target',
  'shipped',
  `--CDCMAKE_TOOLCHAIN_FILE=${root}cmake/linux-${arch}.cmake`,
];
execFileSync(
  'npx',
  ['--no-install', 'cmake-js', 'build', '--log-level', 'warn', '--out', out, ...(native ? [] : cross)],
  {
    cwd: root,
    // What `npm pack --json` prints is to be the only thing on the standard output.
    stdio: ['ignore', 2, 2],
  },
);
mkdirSync('build/Release', { recursive: true });
copyFileSync(join(root, out, 'Release/sluice.node'), 'build/Release/sluice.node');
