/** Why a kernel would not load a program: asked only after it refused, never before. */

import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { codeFor, isUnknown } from '../errors/errno.js';
import { SluiceError } from '../errors/errors.js';
import { native } from '../native/index.js';
import { lacking, missingOf } from '../system/capabilities.js';
import {
  type BpfAttempt,
  type BpfRefusal,
  bpfRefusal,
  hasProc,
  lockdown,
  refusedCall,
} from '../system/policy.js';

/** The running kernel's types, without which a CO-RE object can't be loaded. */
export const btfPath = '/sys/kernel/btf/vmlinux';

export function hasBtf(): boolean {
  return existsSync(btfPath);
}

const loading: BpfAttempt = { call: 'bpf', needs: ['CAP_BPF', 'CAP_PERFMON'] };

/** What a refusal of the bpf system call means on this machine. `what` names the thing in a sentence. */
export function explainRefusal(error: SluiceError, what: string): SluiceError {
  const { errno = 0, log } = error;
  const code = codeFor(errno, 'engine');
  if (code === 'ERR_SLUICE_LIMIT') return new SluiceError(code, error.reason, { errno, log });
  const kernel = (reason: string, remedy?: string) =>
    new SluiceError(code, `${reason}, so ${what} can't be loaded`, {
      errno,
      log,
      remedy,
    });
  const refused = ({ by, reason, remedy }: BpfRefusal) => {
    const error = kernel(reason, remedy && `${remedy}, or use the user-space engine.`);
    if (by !== 'namespace') return error;
    return new SluiceError('ERR_SLUICE_NO_CAPABILITY', error.reason, { errno, log, remedy: error.remedy });
  };

  const refusal = error.code === 'ERR_SLUICE_VERIFIER' ? undefined : bpfRefusal(loading, errno);
  if (refusal && refusal.by !== 'capabilities') return refused(refusal);
  const missing = missingOf(loading.needs);
  if (missing.length > 0) {
    return lacking(missing, `load ${what}`, { errno, log }, 'or use the user-space engine');
  }
  if (lockdown() === 'confidentiality') {
    return kernel('The kernel is locked down (confidentiality) and lets no program read its memory');
  }
  if (!hasProc()) {
    const reason = 'The symbols of the kernel are in /proc, which is not mounted';
    return kernel(reason, 'Mount it (mount -t proc proc /proc), or use the user-space engine.');
  }
  if (!hasBtf()) return kernel(`The kernel shows no description of its types (${btfPath})`);
  const [syscallPrograms = 0] = native.probeProgramTypes(['syscall']);
  if (isUnknown(syscallPrograms)) {
    return kernel(`Linux ${release()} has no BPF programs of type SYSCALL (5.17 or newer is needed)`);
  }
  const ofType = bpfRefusal(loading, -syscallPrograms);
  if (ofType) return refused(ofType);
  if (error.code === 'ERR_SLUICE_VERIFIER') return error;
  return kernel(error.reason);
}

/**
 * What it means that a part of the kernel engine does not work.
 *
 * @param calls of which one may have failed with `errno`
 */
export function refusedBy(what: string, why: string, errno: number, calls: readonly string[]): SluiceError {
  const policy = refusedCall(calls, errno);
  return new SluiceError(codeFor(errno, 'engine'), policy ? `${what}. ${policy.reason}` : `${what}${why}`, {
    errno: errno || undefined,
    remedy: policy?.remedy,
  });
}
