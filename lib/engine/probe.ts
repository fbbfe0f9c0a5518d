/** What this kernel and this process can do, with the reason and the remedy wherever something is missing. */

import { existsSync, readFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { isUnknown } from '../errors/errno.js';
import { native } from '../native/index.js';
import { type Capability, capabilities } from '../system/capabilities.js';
import { type BpfAttempt, bpfRefusal, hasProc, kernelSetting, lockdown } from '../system/policy.js';
import { systemErrorName } from '../system/system-error.js';
import { hasBtf } from './refusal.js';
import type { ObserveFinding } from './taps/observe.js';
import { taps } from './taps/table.js';
import type { Finding, Hook, HookFinding } from './taps/tap.js';

export interface ProbeReport {
  kernel: { release: string; architecture: string };
  capabilities: Record<Capability, boolean>;
  /** The setting kernel.unprivileged_bpf_disabled: 0, 1 or 2. */
  unprivilegedBpfDisabled: number | undefined;
  /** none, integrity or confidentiality; undefined where the kernel does not show it. */
  lockdown: string | undefined;
  btf: Finding;
  ksyms: Finding;
  programTypes: Record<string, Finding>;
  hooks: HookFinding[];
  kfuncModule: Finding;
  backends: { bpf: Finding; kfunc: Finding; userspace: Finding };
  taps: { pipe: Finding; observe: ObserveFinding; completion: Finding };
}

const programTypes = [
  'syscall',
  'raw_tracepoint',
  'tracepoint',
  'kprobe',
  'perf_event',
  'tracing',
  'lsm',
  'socket_filter',
  'xdp',
  'sched_cls',
  'cgroup_skb',
  'sk_skb',
  'sk_msg',
] as const;

function attempt(status: number, success: string, tried: BpfAttempt): Finding {
  if (status === 0) return { available: true, reason: success };
  const name = systemErrorName(-status);
  const refusal = bpfRefusal(tried, -status);
  if (refusal) return { available: false, reason: `refused (${name}): ${refusal.reason}` };
  return {
    available: false,
    reason: isUnknown(status) ? `this kernel has none (${name})` : `refused (${name})`,
  };
}

/** Programs of these types may be anybody's, unless a setting forbids it. */
const unprivileged: readonly string[] = ['socket_filter', 'cgroup_skb'];

function loading(type: string): BpfAttempt {
  return unprivileged.includes(type)
    ? { call: 'bpf', needs: ['CAP_BPF'], setting: 'kernel.unprivileged_bpf_disabled' }
    : { call: 'bpf', needs: native.needsOfProgramType(type) };
}

/** A kprobe is an event of perf; the others are programs that bpf(2) attaches. */
function attaching(kind: Hook['kind']): BpfAttempt {
  return kind === 'kprobe'
    ? { call: 'perf_event_open', needs: ['CAP_PERFMON'], setting: 'kernel.perf_event_paranoid' }
    : { call: 'bpf', needs: ['CAP_BPF', 'CAP_PERFMON'] };
}

function ksyms(): Finding {
  let symbols: string;
  try {
    symbols = readFileSync('/proc/kallsyms', 'latin1');
  } catch (error) {
    const why = hasProc() ? (error as NodeJS.ErrnoException).code : '/proc is not mounted';
    return { available: false, reason: `/proc/kallsyms can't be read (${why})` };
  }
  // An address of zeros alone is what the kernel shows to whom it hides them from.
  const missing = ['vmemmap_base', 'page_offset_base'].filter(
    (name) => !new RegExp(`^0*[1-9a-f][0-9a-f]* . ${name}$`, 'm').test(symbols),
  );
  if (missing.length === 0) return { available: true, reason: 'page addresses come from symbols' };
  return {
    available: false,
    reason: `kallsyms hides ${missing.join(' and ')}; page addresses are learnt by a search instead`,
  };
}

/** Those of all taps, by kind. */
const hooks: readonly Hook[] = (['raw_tracepoint', 'fentry', 'kprobe'] as const).flatMap((kind) =>
  taps.flatMap((tap) => tap.hooks.filter((hook) => hook.kind === kind)),
);

/**
 * Looks at everything; loads the kernel engine and the observe tap in each of its ways, and attaches empty programs for an
 * instant.
 *
 * @throws SluiceError ERR_SLUICE_LIMIT if there are too few descriptors left to try it
 */
export function probe(): ProbeReport {
  const found = Object.fromEntries(taps.map((tap) => [tap.name, tap.find()])) as ProbeReport['taps'];
  const kfuncModule: Finding = existsSync('/sys/kernel/btf/sluice_kfuncs')
    ? { available: true, reason: 'loaded' }
    : { available: false, reason: 'the module sluice_kfuncs is not loaded' };
  return {
    kernel: { release: release(), architecture: arch() },
    capabilities: capabilities(),
    unprivilegedBpfDisabled: kernelSetting('kernel.unprivileged_bpf_disabled'),
    lockdown: lockdown(),
    btf: hasBtf()
      ? { available: true, reason: '/sys/kernel/btf/vmlinux' }
      : {
          available: false,
          reason: 'the kernel shows no description of its types',
          remedy: 'Boot a kernel built with CONFIG_DEBUG_INFO_BTF (all major distributions ship one).',
        },
    ksyms: ksyms(),
    programTypes: Object.fromEntries(
      native.probeProgramTypes(programTypes).map((status, i) => {
        const type = programTypes[i] as (typeof programTypes)[number];
        return [type, attempt(status, 'loads', loading(type))];
      }),
    ),
    hooks: native.probeHooks(hooks.map(({ kind, name }) => [kind, name] as const)).map((status, i) => {
      const hook = hooks[i] as Hook;
      return { ...hook, ...attempt(status, 'attaches', attaching(hook.kind)) };
    }),
    kfuncModule,
    backends: {
      bpf: found.pipe,
      kfunc: { available: false, reason: 'this version reduces with BPF or in user space only' },
      userspace: { available: true, reason: `SIMD level ${native.simdLevel()}` },
    },
    taps: found,
  };
}
