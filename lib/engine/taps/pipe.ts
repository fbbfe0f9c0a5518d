/** The pipe tap, which is the kernel engine: loads it, once for the process, and knows why it could not. */

import { codes } from '../../errors/codes.js';
import { SluiceError } from '../../errors/errors.js';
import { native } from '../../native/index.js';
import { whyOf } from '../../system/native-failures.js';
import { type AddressMethod, openWithPageAddress } from '../page-address.js';
import { refusedBy } from '../refusal.js';
import { loadShipped } from '../shipped.js';
import { maxThreads } from '../threads.js';
import type { Finding, Tap } from './tap.js';

/** Room for every thread of both, and no more: a slot costs about 100 KiB of kernel memory. */
const slots = 2 * maxThreads;

function loadTap(): AddressMethod {
  const { opened, method } = openWithPageAddress('pipe');
  for (const map of ['states', 'works', 'taps']) opened.map(map).maxEntries = slots;
  using object = loadShipped(opened, 'the pipe tap');
  const refusal = native.installPipeTap({
    bind: object.program('bind').fd,
    run: object.program('run').fd,
    states: object.map('states').fd,
    slots,
  });
  if (refusal) {
    const { errno, call } = refusal;
    throw refusedBy('The pipe tap failed its self-check', `: ${whyOf(refusal)}`, errno, [call, 'bpf']);
  }
  return method;
}

/** What became of the attempt to load the kernel engine. */
export type KernelEngine =
  | { available: true; addressMethod: AddressMethod | undefined }
  | { available: false; error: SluiceError };

function attempt(): KernelEngine {
  // Another thread of this process may have loaded it.
  if (native.pipeTapInstalled()) return { available: true, addressMethod: undefined };
  try {
    return { available: true, addressMethod: loadTap() };
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    return { available: false, error };
  }
}

/** In ms: how long a shortage is taken to last. To find out what became of it takes a tenth of a second, or more. */
const lull = 5000;

let known: KernelEngine | undefined;
let knownUntil = Number.POSITIVE_INFINITY;

/**
 * Loads the kernel engine if this process does not know yet what comes of it; what failed for a shortage is tried again,
 * after some seconds. Once it is loaded, CAP_BPF and CAP_PERFMON may be dropped: running a loaded program needs no
 * capability.
 */
export function kernelEngine(): KernelEngine {
  if (known && performance.now() < knownUntil) return known;
  known = attempt();
  if (!known.available && known.error.code === 'ERR_SLUICE_LIMIT') knownUntil = performance.now() + lull;
  else knownUntil = Number.POSITIVE_INFINITY;
  return known;
}

function find(): Finding {
  const engine = kernelEngine();
  if (!engine.available) {
    const { code, remedy } = engine.error;
    // It points to what is being read here.
    const isUsual = code === 'ERR_SLUICE_KERNEL_ENGINE' && remedy === codes[code].remedy;
    // What else is tried now would be denied likewise.
    if (code === 'ERR_SLUICE_LIMIT') throw engine.error;
    return {
      available: false,
      reason: engine.error.reason,
      remedy: isUsual ? 'Use the user-space engine.' : remedy,
    };
  }
  const { addressMethod } = engine;
  return {
    available: true,
    reason: `loaded; the self-check passed; page addresses by ${addressMethod ?? 'another thread of this process'}`,
  };
}

export const pipeTap: Tap = { name: 'pipe', hooks: [], find };
