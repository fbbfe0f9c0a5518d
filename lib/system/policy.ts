/** Why this process is refused what others are allowed: asked only after it was, never before. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { errnoOf, isForbidden, isMissing, isRefused } from '../errors/errno.js';
import { SluiceError, type SluiceErrorDetails } from '../errors/errors.js';
import { native } from '../native/index.js';
import { type Capability, missingOf } from './capabilities.js';
import { systemErrorName } from './system-error.js';

/** What happened and why, in a sentence without its full stop, and what to do. */
export interface Refusal {
  reason: string;
  remedy?: string;
}

/** Who refuses one of these calls, whatever it is asked for; undefined where the kernel looked at that. */
function refusalOf(calls: readonly string[], errno: number): Refusal | undefined {
  for (const call of calls) {
    const refuser = native.refuserOf(call, errno);
    const name = systemErrorName(errno);
    if (refuser === 'seccomp') {
      return {
        reason: `A seccomp filter refuses this process the system call ${call} (${name})`,
        remedy: `Allow ${call} where the process is started (systemd: SystemCallFilter=; a container: its seccomp profile)`,
      };
    }
    if (refuser === 'kernel') {
      return {
        reason: `This kernel refuses everybody the system call ${call} (${name})`,
        remedy: `Run it on a kernel that has ${call}`,
      };
    }
  }
  return undefined;
}

/**
 * The error for a system call that this process may not make at all; undefined where its failure is about the file it was
 * made on.
 *
 * @param calls of which one failed with `errno`
 */
export function refusedCall(
  calls: string | readonly string[],
  errno: number | undefined,
  details: SluiceErrorDetails = {},
): SluiceError | undefined {
  const refusal = errno === undefined ? undefined : refusalOf([calls].flat(), errno);
  if (!refusal) return undefined;
  const { reason, remedy } = refusal;
  return new SluiceError('ERR_SLUICE_SANDBOX', reason, { ...details, errno, remedy: `${remedy}.` });
}

/** The same for what `node:fs` throws. */
export function refusedBy(error: unknown, details: SluiceErrorDetails = {}): SluiceError | undefined {
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined
    ? undefined
    : refusedCall(syscall, errnoOf(error), { ...details, cause: error });
}

export function hasProc(): boolean {
  return existsSync('/proc/self');
}

/**
 * The error for what only /proc leads to; undefined where /proc is there.
 *
 * @param what can't be done, for the beginning of a sentence
 * @param failure what `node:fs` threw, or the error number
 */
export function withoutProc(what: string, failure: unknown): SluiceError | undefined {
  if (!isMissing(failure) || hasProc()) return undefined;
  return new SluiceError('ERR_SLUICE_SANDBOX', `${what} only by way of /proc, which is not mounted here`, {
    errno: errnoOf(failure),
    remedy: 'Mount it (mount -t proc proc /proc).',
  });
}

/** The kernel's lockdown level, or undefined where it has none or does not show it. */
export function lockdown(): string | undefined {
  try {
    return /\[(\w+)\]/.exec(readFileSync('/sys/kernel/security/lockdown', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** A setting of the kernel that is a number. */
export function kernelSetting(name: string): number | undefined {
  try {
    return Number(readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Of linux/nsfs.h: the inode number of the user namespace that the system began with. */
const initialUserNamespace = 0xeffffffd;

/** Undefined where there is no /proc that would tell. */
function isInUserNamespace(): boolean | undefined {
  try {
    return statSync('/proc/self/ns/user').ino !== initialUserNamespace;
  } catch {
    return undefined;
  }
}

/** The security modules that have a say, beside the capabilities. */
function securityModules(): string {
  try {
    const active = readFileSync('/sys/kernel/security/lsm', 'utf8').trim().split(',');
    const others = active.filter((name) => name !== 'capability');
    return others.length === 0 ? '' : ` (${others.join(', ')})`;
  } catch {
    return '';
  }
}

export interface BpfRefusal extends Refusal {
  /** What refuses: the call as such is not allowed, or one of the things that decide over it. */
  by: 'call' | 'namespace' | 'capabilities' | 'lockdown' | 'module';
}

/** A call that did not succeed. */
export interface BpfAttempt {
  call: 'bpf' | 'perf_event_open';
  /** The capabilities that the kernel asks for before it does that. */
  needs: readonly Capability[];
  /** A setting of the kernel that, where it is 0, lets everybody do it. */
  setting?: 'kernel.unprivileged_bpf_disabled' | 'kernel.perf_event_paranoid';
}

/** Why bpf(2) or perf_event_open(2) failed with `errno`; undefined where that is no refusal. */
export function bpfRefusal({ call, needs, setting }: BpfAttempt, errno: number): BpfRefusal | undefined {
  const missing = missingOf(needs);
  // Before Linux 5.19 bpf(2) asks for a capability before it looks at its arguments, so that it refuses all of them.
  const asksFirst = missing.length > 0 && native.refuserOf(call, errno) === 'kernel';
  const refused = isForbidden(errno) && asksFirst ? undefined : refusalOf([call], errno);
  if (refused) return { by: 'call', ...refused };
  if (!isRefused(errno)) return undefined;
  const names = new Intl.ListFormat('en').format(needs);
  const inUserNamespace = isInUserNamespace();
  if (inUserNamespace) {
    return {
      by: 'namespace',
      reason: `This process is in a user namespace, and ${names} would have to be held in the initial one`,
      remedy: 'Run it outside of the user namespace (in a container: one that is not rootless)',
    };
  }
  if (missing.length > 0) {
    const lacked = new Intl.ListFormat('en').format(missing);
    return {
      by: 'capabilities',
      reason: `This process lacks ${lacked}${setting ? `, and ${setting} is ${kernelSetting(setting) ?? 'not to be read'}` : ''}`,
      remedy: `Grant ${lacked} (systemd: AmbientCapabilities=${missing.join(' ')}; or run as root)`,
    };
  }
  if (lockdown() === 'confidentiality') {
    return {
      by: 'lockdown',
      reason: 'The kernel is locked down (confidentiality)',
      remedy: 'Boot without lockdown=confidentiality',
    };
  }
  if (inUserNamespace === undefined) {
    return {
      by: 'module',
      reason: 'A policy of this kernel refuses, and /proc, which would tell which, is not mounted',
      remedy: 'Mount /proc, and ask again',
    };
  }
  return {
    by: 'module',
    reason: `Neither a capability is missing nor a seccomp filter in the way: a security module${securityModules()} or another policy of this kernel refuses`,
  };
}
