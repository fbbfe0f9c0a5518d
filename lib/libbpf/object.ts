/** A BPF object file, from opening to closing: what can be done when is a matter of type. */

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isUint8Array } from 'node:util/types';
import { SluiceError } from '../errors/errors.js';
import { native } from '../native/index.js';
import type { NativeBpfObject } from '../native/libbpf.js';
import { fromErrno } from '../system/from-errno.js';
import { codeOf } from '../system/system-error.js';
import { bad, optionsOf, shown, text } from './arguments.js';
import { Btf } from './btf/btf.js';
import { type BtfValue, btfCodec } from './btf/codec.js';
import { type Codec, expectCodec } from './codec.js';
import { Handle, handle, refuseStrangers } from './handle.js';
import { unsigned32 } from './integers.js';
import { BpfMap, type MapType } from './maps/bpf-map.js';
import { LoadedProgram } from './program.js';
import { Variable } from './variable.js';
import './refusal.js';

export interface OpenOptions {
  /** Names the object in messages and its sections' maps in the kernel. Default: the file's name. */
  name?: string;
  /** What the verifier logs of every program, a sum: 1 instructions, 2 each path, 4 statistics. See `onLog`. */
  verifierLog?: number;
}

/**
 * Opens a BPF object (ELF with BTF). Nothing is in the kernel yet.
 *
 * @param source its path, or its bytes
 * @throws {SluiceError} ERR_SLUICE_BPF if it is no BPF object
 */
export function openObject(source: string | Uint8Array, options: OpenOptions = {}): OpenObject {
  if (typeof source !== 'string' && !isUint8Array(source)) {
    throw bad(`A BPF object is opened by its path or from a Uint8Array, not from ${shown(source)}`);
  }
  const { name: given, verifierLog = 0 } = optionsOf(options, ['name', 'verifierLog']);
  const name =
    given ?? (typeof source === 'string' ? basename(source).replace(/(\.bpf)?\.o$/, '') : 'object');
  const image = typeof source === 'string' ? readObject(text('The path', source)) : source;
  return new OpenObject(new native.BpfObject(image, name, unsigned32('verifierLog', verifierLog)));
}

function readObject(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw fromErrno(cause, `The BPF object ${path} can't be read (${codeOf(cause)})`, { path });
  }
}

/** What an object's two states have in common. */
class ObjectParts extends Handle implements Disposable {
  #native: NativeBpfObject | undefined;
  #btf: Btf | undefined;

  constructor(from: NativeBpfObject) {
    super();
    this.#native = from;
  }

  /** @internal */
  protected get native(): NativeBpfObject {
    if (!this.#native) throw new SluiceError('ERR_SLUICE_CLOSED', 'The BPF object is loaded or closed');
    return this.#native;
  }

  /** Hands the object over to the next state. */
  protected take(): NativeBpfObject {
    const taken = this.native;
    this.#native = undefined;
    this.#btf = undefined;
    return taken;
  }

  /** The types that the object brings along. */
  get btf(): Btf {
    this.#btf ??= Btf.of(new native.Btf('object', this.native));
    return this.#btf;
  }

  get programNames(): string[] {
    return this.native.programs().map(({ name }) => name);
  }

  get mapNames(): string[] {
    return this.native.maps().map(({ name }) => name);
  }

  get variableNames(): string[] {
    return this.native.variables().map(({ name }) => name);
  }

  /** A global variable, with the codec given, or that of its type. */
  variable(name: string): Variable;
  variable<T>(name: string, codec: Codec<T>): Variable<T>;
  variable(name: string, codec?: Codec<BtfValue>): Variable {
    const place = this.native.variables().find((variable) => variable.name === name);
    if (!place) throw unknown('variable', name, this.variableNames);
    const derived = codec === undefined ? btfCodec(this.btf, place.type) : expectCodec(codec);
    if (derived.size !== place.size) {
      throw new SluiceError(
        'ERR_SLUICE_VALUE',
        `The variable ${name} has ${place.size} bytes, its codec ${derived.size}`,
      );
    }
    return new Variable(this.native, place, derived);
  }

  close(): void {
    this.#native?.close();
    this.#native = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  static {
    refuseStrangers(ObjectParts);
  }
}

/** A program before the load. */
export interface OpenProgram {
  readonly name: string;
  readonly section: string;
  /** `raw_tracepoint`, `kprobe`, `tracing`, … */
  readonly type: string;
  /** Whether `load()` loads it. */
  autoload: boolean;
  /** The kernel's function that an fentry, fexit or LSM program of no named target is for. */
  setTarget(kernelFunction: string): void;
}

/** A map before the load. */
export interface OpenMap {
  readonly name: string;
  readonly type: MapType;
  readonly keySize: number;
  readonly valueSize: number;
  maxEntries: number;
  /** Where `load()` pins it, or finds it if it is pinned there already: then with what it holds. */
  setPinPath(path: string): void;
  /** Uses a map that exists; it must be alike. */
  reuse(map: BpfMap): void;
}

/** An object that is open but not loaded: it can be changed. `load()` ends that state. */
export class OpenObject extends ObjectParts {
  program(name: string): OpenProgram {
    const object = this.native;
    const found = object.programs().find((program) => program.name === name);
    if (!found) throw unknown('program', name, this.programNames);
    return {
      name,
      section: found.section,
      type: found.type,
      get autoload() {
        return object.programs().some((program) => program.name === name && program.autoload);
      },
      set autoload(autoload) {
        object.setAutoload(name, autoload);
      },
      setTarget: (kernelFunction) => object.setAttachTarget(name, kernelFunction),
    };
  }

  map(name: string): OpenMap {
    const object = this.native;
    const described = () => {
      const found = object.maps().find((map) => map.name === name);
      if (!found) throw unknown('map', name, this.mapNames);
      return found;
    };
    const { type, keySize, valueSize } = described();
    return {
      name,
      type,
      keySize,
      valueSize,
      get maxEntries() {
        return described().maxEntries;
      },
      set maxEntries(entries) {
        object.setMaxEntries(name, unsigned32('maxEntries', entries));
      },
      setPinPath: (path) => object.setPinPath(name, path),
      reuse: (map) => object.reuseMap(name, handle('The map', BpfMap, map).native),
    };
  }

  /**
   * Creates the maps and loads the programs. The object that comes back takes this one's place, which can't be used any
   * more. If the kernel refuses, everything is closed.
   *
   * @throws {SluiceError} ERR_SLUICE_VERIFIER with the verifier's log, ERR_SLUICE_NO_CAPABILITY, or ERR_SLUICE_BPF
   */
  load(): LoadedObject {
    const object = this.take();
    try {
      object.load();
    } catch (error) {
      object.close();
      throw error;
    }
    return new LoadedObject(object);
  }

  static {
    refuseStrangers(OpenObject);
  }
}

/** An object whose maps and programs are in the kernel, until it, they and their links are closed. */
export class LoadedObject extends ObjectParts {
  readonly #maps = new Map<string, BpfMap>();
  readonly #programs = new Map<string, LoadedProgram>();

  /** The same map each time; it is closed with the object. */
  map(name: string): BpfMap {
    let map = this.#maps.get(name);
    if (!map) {
      const described = this.native.maps().find((candidate) => candidate.name === name);
      if (!described) throw unknown('map', name, this.mapNames);
      const codec = (type: number) => (type === 0 ? undefined : btfCodec(this.btf, type));
      map = BpfMap.ofObject(this.native, name, {
        key: () => codec(described.keyType),
        value: () => codec(described.valueType),
      });
      this.#maps.set(name, map);
    }
    return map;
  }

  /** The same program each time; it is closed with the object. */
  program(name: string): LoadedProgram {
    let program = this.#programs.get(name);
    if (!program) {
      const described = this.native.programs().find((candidate) => candidate.name === name);
      if (!described) throw unknown('program', name, this.programNames);
      program = LoadedProgram.ofObject(this.native, name, described.section);
      this.#programs.set(name, program);
    }
    return program;
  }

  /** Links stay attached until they are closed themselves. */
  override close(): void {
    for (const part of [...this.#maps.values(), ...this.#programs.values()]) part.close();
    super.close();
  }

  static {
    refuseStrangers(LoadedObject);
  }
}

function unknown(kind: string, name: unknown, known: readonly string[]): SluiceError {
  const list = known.length > 0 ? known.join(', ') : 'none';
  return bad(`The BPF object has no ${kind} ${shown(name)} (it has ${list})`);
}
