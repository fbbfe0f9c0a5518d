/** The command in docs/libbpf.md that compiles, with the headers of the packages that it names. */

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openObject } from '../../lib/libbpf/index.js';
import { packageRoot } from '../../lib/native/index.js';
import { temporaryFolder } from '../helpers/files.js';

it('the command compiles the example into an object that opens', () => {
  const guide = readFileSync(join(packageRoot, 'docs/libbpf.md'), 'utf8');
  const command = /^clang .*$/m.exec(guide)?.[0] ?? '';
  const folder = temporaryFolder();
  copyFileSync(join(packageRoot, 'examples/opensnoop/opensnoop.bpf.c'), join(folder, 'x.bpf.c'));
  // The folder of libbpf's sources has the same headers as libbpf-dev, which this machine need not have.
  mkdirSync(join(folder, 'include'));
  symlinkSync(join(packageRoot, '.deps/src/libbpf/src'), join(folder, 'include/bpf'));
  const clang = readFileSync(join(packageRoot, 'build/CMakeCache.txt'), 'utf8').match(
    /^BPF_CLANG:\w+=(.*)$/m,
  )?.[1];
  const script = command
    .replace(/^clang/, '"$0"')
    .replace('-D__TARGET_ARCH_x86', process.arch === 'x64' ? '$&' : '-D__TARGET_ARCH_arm64');
  execFileSync('sh', ['-ec', script, clang ?? 'clang'], {
    cwd: folder,
    env: { ...process.env, C_INCLUDE_PATH: join(folder, 'include') },
  });
  using opened = openObject(join(folder, 'x.bpf.o'));
  expect(opened.programNames).toEqual(['enter', 'leave']);
});
