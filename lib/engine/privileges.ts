import { SluiceError } from '../errors/errors.js';
import { native } from '../native/index.js';
import { type Capability, capabilityNumbers } from '../system/capabilities.js';
import { refusedCall, withoutProc } from '../system/policy.js';
import { systemErrorText } from '../system/system-error.js';
import { kernelEngine } from './taps/pipe.js';

/** Without CAP_SYS_ADMIN the list would be pointless: it stands for the other two. */
const dropped: readonly Capability[] = ['CAP_BPF', 'CAP_PERFMON', 'CAP_SYS_ADMIN'];

const maskOf = (names: readonly Capability[]): bigint =>
  names.reduce((bits, name) => bits | (1n << capabilityNumbers[name]), 0n);

/**
 * @param what they are, in a sentence
 * @param forProgramsToo no program that this one starts gets more than it holds: neither sudo nor what has capabilities
 */
function drop(mask: bigint, what: string, forProgramsToo: boolean): void {
  const refusal = native.dropCapabilities(mask, forProgramsToo);
  if (!refusal) return;
  const { errno } = refusal;
  const refused = withoutProc('Its threads can be found', errno) ?? refusedCall(['capset', 'capget'], errno);
  throw new SluiceError(
    'ERR_SLUICE_STILL_PRIVILEGED',
    `A thread of this process may not have given up ${what} (${systemErrorText(errno)})${refused ? `. ${refused.reason}` : ''}`,
    { errno, cause: refused },
  );
}

/**
 * Takes all capabilities but some away from every thread of the process, and from what it starts, for good.
 *
 * @throws SluiceError ERR_SLUICE_STILL_PRIVILEGED if a thread would not give them up
 */
export function keepCapabilities(kept: readonly Capability[]): void {
  drop(
    BigInt.asUintN(64, ~maskOf(kept)),
    `all capabilities but ${new Intl.ListFormat('en').format(kept)}`,
    true,
  );
}

/**
 * Loads the kernel engine where that is possible, then takes CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN away from every
 * thread of the process, for good: together the first two can read all of the kernel's memory, and a loaded program
 * runs without them. A server calls this once at its start.
 *
 * @returns whether the kernel engine is there
 * @throws SluiceError ERR_SLUICE_STILL_PRIVILEGED if a thread would not give them up
 */
export function loadAndDropCapabilities(): boolean {
  const { available } = kernelEngine();
  drop(maskOf(dropped), 'CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN', false);
  return available;
}
