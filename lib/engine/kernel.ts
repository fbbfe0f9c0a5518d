/** The kernel engine: loads the pipe tap, once for the process, and knows why it could not. */

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { arch, availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { SluiceError } from '../errors/errors.js';
import { refusedCall } from '../errors/policy.js';
import { isShortage } from '../errors/system-error.js';
import { bytes, u32, u64 } from '../libbpf/codec.js';
import { type LoadedObject, type OpenObject, openObject } from '../libbpf/object.js';
import { type NativeCalibration, native, packageRoot } from '../native/index.js';
import { explainRefusal } from './refusal.js';

/** How the address of a page was learnt. */
export type AddressMethod = 'symbols' | 'search';

const COOKIE_BYTES = 64; // bpf/calibrate.h

/** The most threads that can sum at once, and the most that can relay. */
export const maxThreads: number = Math.min(native.maxThreads, Math.max(8, availableParallelism()));

/** Room for every thread of both, and no more: a slot costs about 100 KiB of kernel memory. */
const slots = 2 * maxThreads;

/** Opens one of the BPF objects that this package ships. */
export function openShipped(name: string): OpenObject {
  const places = ['build/bpf', 'prebuilds/bpf'].map((folder) => join(packageRoot, folder, `${name}.bpf.o`));
  const found = places.find((place) => existsSync(place));
  if (!found) {
    throw new SluiceError('ERR_SLUICE_NO_BINARY', `The BPF object ${name}.bpf.o is not in ${packageRoot}`);
  }
  return openObject(found);
}

/** An upper bound of the machine's page frames: where the last memory zone ends. */
function pageFrames(): number {
  let end = 0;
  let spanned = 0;
  let zones: string;
  try {
    zones = readFileSync('/proc/zoneinfo', 'utf8');
  } catch {
    // Hardened: then the memory there is, and as much again for the holes that devices make in the addresses.
    return Math.ceil((2 * totalmem() + 2 ** 33) / 4096);
  }
  for (const line of zones.split('\n')) {
    const [key, value] = line.trim().split(/[:\s]+/, 2);
    if (key === 'spanned') spanned = Number(value);
    if (key === 'start_pfn') end = Math.max(end, Number(value) + spanned);
  }
  return end;
}

function load(object: OpenObject, what: string): LoadedObject {
  try {
    return object.load();
  } catch (error) {
    throw error instanceof SluiceError ? explainRefusal(error, what) : error;
  }
}

/** @param calls of which one may have failed with `errno` */
function refused(what: string, why: string, errno: number, calls: readonly string[]): SluiceError {
  const code = isShortage(errno) ? 'ERR_SLUICE_LIMIT' : 'ERR_SLUICE_KERNEL_ENGINE';
  const policy = refusedCall(calls, errno);
  return new SluiceError(code, policy ? `${what}. ${policy.reason}` : `${what}${why}`, {
    errno: errno || undefined,
    remedy: policy?.remedy,
  });
}

/** Learns how to find the bytes of a page: from the kernel's symbols, or where they are hidden by a search. */
export function calibrate(methods: readonly AddressMethod[] = ['symbols', 'search']): {
  method: AddressMethod;
  result: NativeCalibration;
} {
  const cookie = randomBytes(COOKIE_BYTES);
  const opened = openShipped('calibrate');
  opened.variable('cookie', bytes(COOKIE_BYTES)).set(cookie);
  using object = load(opened, 'the calibration program');
  const frames = pageFrames();
  const seen: string[] = [];
  let errno = 0;
  for (const method of methods) {
    const result = native.calibrate(object.program(`by_${method}`).fd, cookie, frames);
    if (result.status === 0) return { method, result };
    seen.push(`${method}: ${result.status}`);
    if (result.status < 0) errno = -result.status;
  }
  throw refused('The address of a page could not be learnt', ` on this kernel (${seen.join(', ')})`, errno, [
    'pipe2',
    'vmsplice',
    'bpf',
  ]);
}

function loadTap(): AddressMethod {
  if (arch() !== 'x64') {
    throw new SluiceError(
      'ERR_SLUICE_KERNEL_ENGINE',
      `The kernel engine finds pages as x86-64 lays them out, and this is ${arch()}`,
    );
  }
  const { method, result } = calibrate();
  const opened = openShipped('pipe');
  opened.variable('page_address_bias', u64).set(result.bias);
  opened.variable('page_address_shift', u32).set(result.shift);
  opened.variable('page_poisoned_mask', u64).set(result.poisonedMask);
  for (const map of ['states', 'works', 'taps']) opened.map(map).maxEntries = slots;
  using object = load(opened, 'the pipe tap');
  const { wrong, errno } = native.installPipeTap({
    bind: object.program('bind').fd,
    run: object.program('run').fd,
    states: object.map('states').fd,
    slots,
  });
  if (wrong) {
    const [call = ''] = wrong.split(':');
    throw refused('The pipe tap failed its self-check', `: ${wrong}`, errno, [call, 'bpf']);
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
