/** tracefs, the file system in which the kernel names its tracepoints and takes probes where perf has none for them. */

import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { isDenied } from '../../errors/errno.js';
import { SluiceError } from '../../errors/errors.js';

const mountPoint = '/sys/kernel/tracing';
/** Where libbpf looks first: debugfs mounts it there. */
const inDebugfs = '/sys/kernel/debug/tracing';

/** What libbpf prints of what it did not find there. */
const missed = /perf event ID|legacy [ku]probe|available_filter_functions/;

/** Whether this kernel is built with it, as far as it tells. */
function hasTracefs(): boolean {
  try {
    return /\ttracefs$/m.test(readFileSync('/proc/filesystems', 'utf8'));
  } catch {
    return true; // without /proc nothing is known
  }
}

/** What keeps tracefs from being read, and what to do; undefined if nothing does. */
function obstacle(): { reason: string; remedy: string } | undefined {
  const place = existsSync(inDebugfs) ? inDebugfs : mountPoint;
  try {
    accessSync(`${place}/events`, constants.R_OK);
    return undefined;
  } catch (error) {
    if (isDenied(error)) {
      return {
        reason: `this user may not read tracefs in ${place}`,
        remedy: `Run as root, or let the user in: mount -o remount,mode=755 ${place}`,
      };
    }
  }
  if (!hasTracefs()) {
    return {
      reason: 'this kernel has no tracefs',
      remedy: 'Use attachRawTracepoint or attachTracing, which do without, or a kernel with CONFIG_FTRACE.',
    };
  }
  return {
    reason: `tracefs is not mounted at ${place}`,
    remedy: `Mount it: mount -t tracefs tracefs ${place}`,
  };
}

/** The refusal of a hook, which says so where tracefs is what is missing. */
export function withTracefs(refusal: unknown, program: string): unknown {
  if (!(refusal instanceof SluiceError) || !missed.test(refusal.log ?? '')) return refusal;
  const found = obstacle();
  if (!found) return refusal;
  const { errno, log } = refusal;
  return new SluiceError(
    'ERR_SLUICE_BPF',
    `The kernel refused to attach the program ${program}: ${found.reason}`,
    {
      errno,
      log,
      remedy: found.remedy,
      cause: refusal,
    },
  );
}
