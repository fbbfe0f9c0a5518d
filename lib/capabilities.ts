/** What this process may do. */

import { readFileSync } from 'node:fs';

export type Capability = 'CAP_SYS_ADMIN' | 'CAP_LEASE' | 'CAP_PERFMON' | 'CAP_BPF';

/** Numbers of linux/capability.h. */
export const capabilityNumbers: Readonly<Record<Capability, bigint>> = {
  CAP_SYS_ADMIN: 21n,
  CAP_LEASE: 28n,
  CAP_PERFMON: 38n,
  CAP_BPF: 39n,
};

function effective(): bigint {
  const line = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return BigInt(`0x${line?.[1] ?? '0'}`);
}

/** Whether the process holds each of the capabilities that matter here. */
export function capabilities(): Record<Capability, boolean> {
  const held = effective();
  const has = (name: Capability) => ((held >> capabilityNumbers[name]) & 1n) === 1n;
  return {
    CAP_BPF: has('CAP_BPF'),
    CAP_PERFMON: has('CAP_PERFMON'),
    CAP_SYS_ADMIN: has('CAP_SYS_ADMIN'),
    CAP_LEASE: has('CAP_LEASE'),
  };
}

/** Whether they suffice to load the taps: CAP_SYS_ADMIN stands for both of the others. */
export function mayLoadPrograms(): boolean {
  const { CAP_SYS_ADMIN, CAP_BPF, CAP_PERFMON } = capabilities();
  return CAP_SYS_ADMIN || (CAP_BPF && CAP_PERFMON);
}
