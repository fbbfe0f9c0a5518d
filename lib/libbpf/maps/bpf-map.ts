/** A map in the kernel, whatever its kind. */

import { native } from '../../native/index.js';
import type { NativeBpfMap, NativeBpfObject, NativeMapInfo } from '../../native/libbpf.js';
import { instance, optionsOf, text } from '../arguments.js';
import type { BtfValue } from '../btf/codec.js';
import type { Codec } from '../codec.js';
import { Handle, handle, refuseStrangers } from '../handle.js';
import { unsigned32 } from '../integers.js';
import '../refusal.js';

/** The name libbpf has for it: `hash`, `array`, `percpu_hash`, `lru_hash`, `ringbuf`, … */
export type MapType = string;

export interface CreateMapOptions {
  type: MapType;
  /** Up to 15 characters of it are seen in the kernel. */
  name?: string;
  /** In bytes; 0 for maps without keys (queue, stack, bloom filter, ring buffer). */
  keySize: number;
  /** In bytes. */
  valueSize: number;
  /** Of a ring buffer, its size in bytes: a power of 2 and a multiple of the page size. */
  maxEntries: number;
  /** `BPF_F_*` of linux/bpf.h. */
  flags?: number;
  /** Of a bloom filter (5.16): how many hash functions, 0 to 15. */
  extra?: number;
  /** Of an array or hash of maps: a map like those that it will hold. */
  inner?: BpfMap;
}

/** How its values look by the BTF of the object that declares it. */
export interface MapCodecs {
  key: () => Codec<BtfValue> | undefined;
  value: () => Codec<BtfValue> | undefined;
}

const noCodecs: MapCodecs = { key: () => undefined, value: () => undefined };

/** Holds a descriptor of its own: the map outlives the object that it comes from, until `close()` or collection. */
export class BpfMap extends Handle implements Disposable {
  /** @internal */
  readonly native: NativeBpfMap;
  /** @internal */
  readonly codecs: MapCodecs;
  readonly #info: NativeMapInfo;

  private constructor(from: NativeBpfMap, codecs: MapCodecs = noCodecs) {
    super();
    this.native = instance('What a map is made from', native.BpfMap, from);
    this.codecs = codecs;
    this.#info = from.info();
  }

  /** @internal */
  static ofObject(object: NativeBpfObject, name: string, codecs: MapCodecs): BpfMap {
    return new BpfMap(new native.BpfMap('object', object, name), codecs);
  }

  static create(options: CreateMapOptions): BpfMap {
    const given = optionsOf(options, [
      'type',
      'name',
      'keySize',
      'valueSize',
      'maxEntries',
      'flags',
      'extra',
      'inner',
    ]);
    const { type, name = type, keySize, valueSize, maxEntries, flags = 0, extra = 0, inner } = given;
    return new BpfMap(
      new native.BpfMap('create', {
        type,
        name: text('The name of a map', name).slice(0, 15),
        keySize: unsigned32('keySize', keySize),
        valueSize: unsigned32('valueSize', valueSize),
        maxEntries: unsigned32('maxEntries', maxEntries),
        flags: unsigned32('flags', flags),
        extra: unsigned32('extra', extra),
        inner: inner === undefined ? undefined : handle('inner', BpfMap, inner).native,
      }),
    );
  }

  /** From where it was pinned, in a BPF file system. */
  static openPinned(path: string): BpfMap {
    return new BpfMap(new native.BpfMap('pinned', path));
  }

  /** From its id, as `bpftool map` shows it: another thread's or process's map. Needs CAP_SYS_ADMIN. */
  static fromId(id: number): BpfMap {
    return new BpfMap(new native.BpfMap('id', unsigned32('The id of a map', id)));
  }

  get fd(): number {
    return this.native.info().fd;
  }

  get id(): number {
    return this.#info.id;
  }

  get name(): string {
    return this.#info.name;
  }

  get type(): MapType {
    return this.#info.type;
  }

  /** In bytes. */
  get keySize(): number {
    return this.#info.keySize;
  }

  /** In bytes; of a per-CPU map, that of one CPU. */
  get valueSize(): number {
    return this.#info.valueSize;
  }

  get maxEntries(): number {
    return this.#info.maxEntries;
  }

  get flags(): number {
    return this.#info.flags;
  }

  get perCpu(): boolean {
    return this.type.includes('percpu');
  }

  /** From now on only programs change it, no system call. */
  freeze(): void {
    this.native.freeze();
  }

  /** Keeps it in a BPF file system, beyond the end of this process. */
  pin(path: string): void {
    this.native.pin(path);
  }

  close(): void {
    this.native.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  static {
    refuseStrangers(BpfMap);
  }
}
