/** Why a kernel would not load a program: asked only after it refused, never before. */

import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { lacking, missingOf } from '../capabilities.js';
import { SluiceError } from '../errors.js';
import { native } from '../native.js';
import { isShortage } from '../system-error.js';

const ENOSYS = 38;
const ENOENT = 2;

/** The running kernel's types, without which a CO-RE object can't be loaded. */
export const btfPath = '/sys/kernel/btf/vmlinux';

export function hasBtf(): boolean {
  return existsSync(btfPath);
}

/** The kernel's lockdown level, or undefined where it has none or does not show it. */
export function lockdown(): string | undefined {
  try {
    return /\[(\w+)\]/.exec(readFileSync('/sys/kernel/security/lockdown', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** What happened and why, without the remedy. */
export function reasonOf({ message, remedy }: SluiceError): string {
  return message.replace(`. ${remedy}`, '');
}

/** What a refusal of the bpf system call means on this machine. `what` names the thing in a sentence. */
export function explainRefusal(error: SluiceError, what: string): SluiceError {
  const { errno, log } = error;
  if (isShortage(errno)) return new SluiceError('ERR_SLUICE_LIMIT', reasonOf(error), { errno, log });
  const kernel = (reason: string) =>
    new SluiceError('ERR_SLUICE_KERNEL_ENGINE', `${reason}, so ${what} can't be loaded`, { errno, log });

  if (errno === ENOSYS) return kernel(`Linux ${release()} runs here without the bpf system call`);
  const missing = missingOf(['CAP_BPF', 'CAP_PERFMON']);
  if (missing.length > 0) {
    return lacking(missing, `load ${what}`, { errno, log }, 'or use the user-space engine');
  }
  if (lockdown() === 'confidentiality') {
    return kernel('The kernel is locked down (confidentiality) and lets no program read its memory');
  }
  if (!hasBtf()) return kernel(`The kernel shows no description of its types (${btfPath})`);
  const [syscallPrograms = 0] = native.probeProgramTypes(['syscall']);
  if (syscallPrograms === -ENOENT || syscallPrograms === -22) {
    return kernel(`Linux ${release()} has no BPF programs of type SYSCALL (5.17 or newer is needed)`);
  }
  if (syscallPrograms < 0) return kernel('The kernel refuses BPF programs of type SYSCALL by policy');
  if (error.code === 'ERR_SLUICE_VERIFIER') return error;
  return kernel(reasonOf(error));
}
