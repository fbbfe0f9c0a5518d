/** What the running kernel can do, found out by trying: a program or map of the kind is made and thrown away. */

import { native } from '../native/index.js';
import { text } from './arguments.js';
import { Btf } from './btf/btf.js';
import type { MapType } from './maps/bpf-map.js';
import './refusal.js';

let kernel: Btf | undefined;

function kernelTypes(): Btf {
  kernel ??= Btf.kernel();
  return kernel;
}

/**
 * Whether programs of the type load here and for this process: `raw_tracepoint`, `kprobe`, `tracing`, `xdp`, …
 *
 * @throws {SluiceError} ERR_SLUICE_LIMIT if there are too few descriptors left to try it; the other probes likewise
 */
export function hasProgramType(type: string): boolean {
  return native.hasProgramType(type);
}

/** Whether maps of the type can be made here and by this process: `hash`, `ringbuf`, `user_ringbuf`, … */
export function hasMapType(type: MapType): boolean {
  return native.hasMapType(type);
}

/**
 * Whether programs of the type may call the helper, by its name in C: `bpf_ringbuf_output`. libbpf can't tell for the
 * types `tracing`, `ext`, `lsm` and `struct_ops` (ERR_SLUICE_BPF).
 */
export function hasHelper(programType: string, helper: string): boolean {
  const wanted = text('The name of a helper', helper).replace(/^bpf_/, 'BPF_FUNC_');
  const types = kernelTypes();
  const id = types.find('bpf_func_id', 'enum');
  const number = id && types.type(id).values?.find(({ name }) => name === wanted)?.value;
  return number !== undefined && native.hasHelper(programType, Number(number));
}

let markedKfuncs: ReadonlySet<number> | undefined;

/** The functions that the kernel's BTF marks as kfuncs, by id; none before 6.10. */
function kfuncs(types: Btf): ReadonlySet<number> {
  if (!markedKfuncs) {
    const marked = new Set<number>();
    if (types.find('bpf_kfunc', 'declarationTag') !== undefined) {
      for (let id = 1; id < types.size; id++) {
        const { kind, name, type } = types.type(id);
        if (kind === 'declarationTag' && name === 'bpf_kfunc' && type !== undefined) marked.add(type);
      }
    }
    markedKfuncs = marked;
  }
  return markedKfuncs;
}

/**
 * Whether the kernel has a kfunc of this name. Kernels before 6.10 do not mark theirs in BTF: there a function of the
 * name is all that can be found out. Those of modules are not looked at. The first call takes some 100 ms.
 */
export function hasKfunc(name: string): boolean {
  const types = kernelTypes();
  const id = types.find(name, 'function');
  const marked = kfuncs(types);
  return id !== undefined && (marked.size === 0 || marked.has(id));
}
