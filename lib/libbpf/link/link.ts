/** A program attached to a hook. */

import { native } from '../../native/index.js';
import type { NativeLinkInfo as LinkInfo, NativeBpfLink } from '../../native/libbpf.js';
import { instance, optionsOf } from '../arguments.js';
import { Handle, handle, refuseStrangers } from '../handle.js';
import { unsigned64 } from '../integers.js';
import { type LoadedProgram, Program } from '../program.js';
import { withTracefs } from './tracefs.js';
import '../refusal.js';

export type { LinkInfo };

/** A number of the caller's that the program reads with bpf_get_attach_cookie(). Needs 5.15. */
export interface CookieOption {
  cookie?: bigint;
}

/** @internal */
export function cookieOf(options: CookieOption): bigint {
  const { cookie = 0n } = optionsOf(options, ['cookie']);
  return unsigned64('cookie', cookie);
}

/**
 * Attached until `close()`, collection or the end of the process, unless it is pinned. Closing throws ERR_SLUICE_BPF if
 * the program could not be detached.
 */
export class Link extends Handle implements Disposable {
  /** @internal */
  readonly native: NativeBpfLink;

  /** @internal */
  constructor(from: NativeBpfLink) {
    super();
    this.native = instance('What a link is made from', native.BpfLink, from);
  }

  /** From where it was pinned, in a BPF file system. */
  static openPinned(path: string): Link {
    return new Link(new native.BpfLink('pinned', path));
  }

  info(): LinkInfo {
    return this.native.info();
  }

  /** Lets another program take the hook over, with no event missed in between. Not for perf-based and tracing links. */
  update(program: Program): void {
    this.native.update(handle('The program', Program, program).native);
  }

  /** Keeps it attached beyond the end of this process, until the file is removed. */
  pin(path: string): void {
    this.native.pin(path);
  }

  /** Detaches it also where a pin or another process holds the link (5.9; cgroup, XDP, tcx and struct_ops links). */
  detach(): void {
    this.native.detach();
  }

  close(): void {
    this.native.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  static {
    refuseStrangers(Link);
  }
}

/** @internal `kind` is one of native/libbpf/programs/attach.cc's. */
export function attach(program: LoadedProgram, kind: string, options: object): Link {
  const from = handle('The program', Program, program).native;
  try {
    return new Link(new native.BpfLink('program', from, kind, options));
  } catch (error) {
    throw withTracefs(error, program.name);
  }
}
