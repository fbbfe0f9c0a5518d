/** What the tests of sluice/libbpf have in common. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Codec, SluiceError, type SluiceErrorCode, u64 } from '../../lib/libbpf/index.js';
import { packageRoot } from '../../lib/native/index.js';

const [major = 0, minor = 0] = release().split('.').map(Number);

/** Whether this kernel is of that version or newer. What a kernel of that version has and this one lacks is a failure. */
export const since = (a: number, b: number): boolean => major > a || (major === a && minor >= b);

/** The path of a compiled test object. */
export function testObject(name: string): string {
  return join(packageRoot, 'build/test-bpf', `${name}.bpf.o`);
}

/** A BPF file system of its own, for what a test pins; gone after it. */
export function bpfFileSystem(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  execFileSync('mount', ['-t', 'bpf', 'bpf', folder]);
  onTestFinished(() => {
    execFileSync('umount', [folder]);
    rmdirSync(folder);
  });
  return folder;
}

/** The SluiceError that the call throws; anything else is a failure. */
export function refused(call: () => unknown): SluiceError {
  try {
    call();
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Asserts, in a sentence that shows all of it, which refusals a kernel may answer with. */
export function expectRefusal(
  call: () => unknown,
  codes: readonly SluiceErrorCode[] = ['ERR_SLUICE_BPF'],
): SluiceError {
  const error = refused(call);
  if (!codes.includes(error.code))
    throw new Error(`${error.code} instead of ${codes.join(' or ')}: ${error.message}`);
  return error;
}

/** `u64`, but it can't read one number. */
export function unreadable(number: bigint): Codec<bigint> {
  return {
    ...u64,
    read(from, at) {
      if (u64.read(from, at) === number) throw new Error('on purpose');
      return u64.read(from, at);
    },
  };
}
