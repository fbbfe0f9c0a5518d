/** Global variables of a BPF object. */

import type { NativeBpfObject, NativeVariable } from '../native/libbpf.js';
import type { BtfValue } from './btf/codec.js';
import { type Codec, decode, encode } from './codec.js';
import { Handle, refuseStrangers } from './handle.js';

/**
 * A global variable: before the load what it starts with, afterwards the kernel's own memory. `const volatile` ones
 * (`.rodata`) can be set before the load only, for the verifier takes them for constants. Where another map is reused
 * for the section, a variable has that map's values from then on; where one was pinned, from the load on. Where the
 * kernel does not share a map's memory (its variables are all `static`, or it was made without BPF_F_MMAPABLE), they are
 * refused (ERR_SLUICE_BPF).
 */
export class Variable<T = BtfValue> extends Handle {
  readonly #object: NativeBpfObject;
  readonly #place: NativeVariable;
  readonly #codec: Codec<T>;

  /** @internal */
  constructor(object: NativeBpfObject, place: NativeVariable, codec: Codec<T>) {
    super();
    this.#object = object;
    this.#place = place;
    this.#codec = codec;
  }

  get name(): string {
    return this.#place.name;
  }

  /** `.rodata`, `.data` or `.bss`, or a section of its own such as `.data.counters`. */
  get section(): string {
    return this.#place.section;
  }

  get(): T {
    const { section, offset, size } = this.#place;
    return decode(this.#codec, this.#object.readVariable(section, offset, size));
  }

  set(value: T): void {
    this.#object.writeVariable(this.#place.section, this.#place.offset, encode(this.#codec, value));
  }

  static {
    refuseStrangers(Variable);
  }
}
