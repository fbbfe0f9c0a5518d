/** Type information (BTF): what the types of the kernel, of a module or of an object look like. */

import { circular } from '../../errors/errno.js';
import { SluiceError } from '../../errors/errors.js';
import { native } from '../../native/index.js';
import type { NativeBtfKind as BtfKind, NativeBtfType as BtfType, NativeBtf } from '../../native/libbpf.js';
import { instance, uint8Array } from '../arguments.js';
import { Handle, refuseStrangers } from '../handle.js';
import { unsigned32 } from '../integers.js';
import '../refusal.js';

export type { BtfKind, BtfType };

/** A member of a struct or union. */
export interface BtfField {
  name: string;
  /** As in C: `struct page *`, `unsigned int`, `char[16]`. */
  type: string;
  /** Where it starts, in bits: 8 × its offset, unless it is a bit field. */
  bitOffset: number;
  /** 0: not a bit field. */
  bitSize: number;
}

export class Btf extends Handle {
  readonly #native: NativeBtf;

  private constructor(from: NativeBtf) {
    super();
    this.#native = instance('What BTF is made from', native.Btf, from);
  }

  /** Of the running kernel, from /sys/kernel/btf/vmlinux. */
  static kernel(): Btf {
    return new Btf(new native.Btf('kernel'));
  }

  /** Of a loaded module of the kernel, with the kernel's own types below. */
  static module(name: string): Btf {
    return new Btf(new native.Btf('module', name));
  }

  /** From the contents of a `.BTF` section. */
  static parse(bytes: Uint8Array): Btf {
    return new Btf(new native.Btf('bytes', uint8Array('BTF', bytes)));
  }

  /** @internal */
  static of(from: NativeBtf): Btf {
    return new Btf(from);
  }

  /** How many types there are, `void` (0) included. */
  get size(): number {
    return this.#native.count();
  }

  /** The id of the first type of this name, of any kind or of one. */
  find(name: string, kind?: BtfKind): number | undefined {
    return this.#native.find(name, kind);
  }

  type(id: number): BtfType {
    return this.#native.type(unsigned32('The id of a type', id));
  }

  /** The type with its names and qualifiers (typedef, const, …) taken off. */
  resolve(id: number): BtfType {
    let type = this.type(id);
    for (let depth = 1; qualifiers.has(type.kind); depth++) {
      expectDepth(depth, id);
      type = this.type(type.type ?? 0);
    }
    return type;
  }

  /** Whether the kernel has a function of this name that BTF knows, as kfuncs and the targets of fentry must be. */
  hasFunction(name: string): boolean {
    return this.find(name, 'function') !== undefined;
  }

  /** The members of a struct or union, or undefined if there is none of this name. */
  describe(name: string): { size: number; fields: BtfField[] } | undefined {
    const id = this.find(name, 'struct') ?? this.find(name, 'union');
    if (id === undefined) return undefined;
    const { size = 0, members = [] } = this.type(id);
    const fields = members.map(({ type, ...member }) => ({ ...member, type: this.nameOf(type) }));
    return { size, fields };
  }

  /** How C writes the type. */
  nameOf(id: number): string {
    return this.#nameOf(id, 0);
  }

  #nameOf(id: number, depth: number): string {
    expectDepth(depth, id);
    const { kind, name, type = 0, length } = this.type(id);
    const inner = () => this.#nameOf(type, depth + 1);
    switch (kind) {
      case 'void':
        return 'void';
      case 'pointer':
        return `${inner()} *`;
      case 'array':
        return `${inner()}[${length}]`;
      case 'struct':
      case 'union':
      case 'enum':
        return `${kind} ${name || '{…}'}`;
      case 'enum64':
        return `enum ${name || '{…}'}`;
      case 'const':
      case 'volatile':
      case 'restrict':
        return `${kind} ${inner()}`;
      case 'prototype':
        return `${inner()} (…)`;
      case 'typeTag':
        return inner();
      default:
        return name;
    }
  }

  static {
    refuseStrangers(Btf);
  }
}

const qualifiers: ReadonlySet<BtfKind> = new Set([
  'typedef',
  'const',
  'volatile',
  'restrict',
  'typeTag',
  'variable',
]);

/** As in libbpf: what goes deeper is a circle. */
const maxDepth = 32;

/** @internal */
export function expectDepth(depth: number, id: number): void {
  if (depth <= maxDepth) return;
  throw new SluiceError(
    'ERR_SLUICE_BPF',
    `The BTF is malformed: the type ${id} contains itself, or is more than ${maxDepth} deep`,
    { errno: circular },
  );
}
