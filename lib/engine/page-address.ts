/** Where the bytes of a page are, for programs in the kernel. */

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { arch, totalmem } from 'node:os';
import { SluiceError } from '../errors/errors.js';
import { bytes, u32, u64 } from '../libbpf/codec.js';
import type { OpenObject } from '../libbpf/object.js';
import { type NativePageAddress, native } from '../native/index.js';
import { refusedBy } from './refusal.js';
import { loadShipped, openShipped } from './shipped.js';

/** How the address of a page was learnt. */
export type AddressMethod = 'symbols' | 'search';

const COOKIE_BYTES = 64; // bpf/page_address.h

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

export interface PageAddress {
  method: AddressMethod;
  result: NativePageAddress;
}

/** Learns how to find the bytes of a page: from the kernel's symbols, or where they are hidden by a search. */
export function learnPageAddress(methods: readonly AddressMethod[] = ['symbols', 'search']): PageAddress {
  const cookie = randomBytes(COOKIE_BYTES);
  const opened = openShipped('page_address');
  opened.variable('cookie', bytes(COOKIE_BYTES)).set(cookie);
  using object = loadShipped(opened, 'the page-address program');
  const frames = pageFrames();
  const seen: string[] = [];
  let errno = 0;
  for (const method of methods) {
    const result = native.learnPageAddress(object.program(`by_${method}`).fd, cookie, frames);
    if (result.status === 0) return { method, result };
    seen.push(`${method}: ${result.status}`);
    if (result.status < 0) errno = -result.status;
  }
  throw refusedBy(
    'The address of a page could not be learnt',
    ` on this kernel (${seen.join(', ')})`,
    errno,
    ['pipe2', 'vmsplice', 'bpf'],
  );
}

/** It holds for as long as the kernel runs. What failed, for a shortage perhaps, is tried again. */
let learnt: PageAddress | undefined;

/** As it was learnt, once. */
export function pageAddress(): PageAddress {
  if (arch() !== 'x64') {
    throw new SluiceError(
      'ERR_SLUICE_KERNEL_ENGINE',
      `The kernel engine finds pages as x86-64 lays them out, and this is ${arch()}`,
    );
  }
  learnt ??= learnPageAddress();
  return learnt;
}

/** Opens the object NAME.bpf.o of a tap that reads pages (bpf/memory/page.bpf.h), and tells it where their bytes are. */
export function openWithPageAddress(name: string): { opened: OpenObject; method: AddressMethod } {
  const { method, result } = pageAddress();
  const opened = openShipped(name);
  opened.variable('page_address_bias', u64).set(result.bias);
  opened.variable('page_address_shift', u32).set(result.shift);
  opened.variable('page_poisoned_mask', u64).set(result.poisonedMask);
  return { opened, method };
}
