/** What this process may do. */

import { SluiceError, type SluiceErrorDetails } from '../errors/errors.js';
import { type Capability, native } from '../native/index.js';
import { systemErrorText } from './system-error.js';

export type { Capability };

/** Numbers of linux/capability.h. */
export const capabilityNumbers: Readonly<Record<Capability, bigint>> = {
  CAP_DAC_OVERRIDE: 1n,
  CAP_DAC_READ_SEARCH: 2n,
  CAP_NET_ADMIN: 12n,
  CAP_SYS_ADMIN: 21n,
  CAP_LEASE: 28n,
  CAP_PERFMON: 38n,
  CAP_BPF: 39n,
};

function effective(): bigint {
  const held = native.capabilities();
  if (typeof held === 'bigint') return held;
  const { errno } = held;
  const reason = `The capabilities of this process can't be read (capget: ${systemErrorText(errno)})`;
  throw new SluiceError('ERR_SLUICE_SANDBOX', reason, {
    errno,
    remedy: 'Allow capget where the process is started.',
  });
}

/** Whether the process holds each of the capabilities that matter here. */
export function capabilities(): Record<Capability, boolean> {
  const held = effective();
  const each = Object.entries(capabilityNumbers).map(([name, bit]) => [name, ((held >> bit) & 1n) === 1n]);
  return Object.fromEntries(each);
}

/** Which of them the process lacks. CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON. */
export function missingOf(needed: readonly Capability[]): Capability[] {
  const held = capabilities();
  if (held.CAP_SYS_ADMIN) held.CAP_BPF = held.CAP_PERFMON = true;
  return needed.filter((name) => !held[name]);
}

/**
 * The error of a process that lacks them.
 *
 * @param what it may not do
 * @param instead what else can be done, for the end of a sentence
 */
export function lacking(
  missing: readonly Capability[],
  what: string,
  details: SluiceErrorDetails,
  instead?: string,
): SluiceError {
  const names = new Intl.ListFormat('en').format(missing);
  const grant = `Grant ${names} (systemd: AmbientCapabilities=${missing.join(' ')}; or run as root)`;
  return new SluiceError(
    'ERR_SLUICE_NO_CAPABILITY',
    `The kernel does not let this process ${what}: it lacks ${names}`,
    { ...details, remedy: `${instead ? `${grant}, ${instead}` : grant}.` },
  );
}
