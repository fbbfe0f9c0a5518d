/** What native/libbpf/ offers. Buffers are checked against a map's sizes there. */

import type { NativeDescriptor } from './files.js';
import type { NativeRefusal } from './refusal.js';
import type { Capability } from './system.js';

export type NativeBtfKind =
  | 'void'
  | 'int'
  | 'pointer'
  | 'array'
  | 'struct'
  | 'union'
  | 'enum'
  | 'forward'
  | 'typedef'
  | 'volatile'
  | 'const'
  | 'restrict'
  | 'function'
  | 'prototype'
  | 'variable'
  | 'section'
  | 'float'
  | 'declarationTag'
  | 'typeTag'
  | 'enum64'
  | 'unknown';

export interface NativeBtfType {
  id: number;
  kind: NativeBtfKind;
  name: string;
  size?: number;
  /** The type that this one refers to, or an array's elements, or what a function returns. */
  type?: number;
  signed?: boolean;
  boolean?: boolean;
  bits?: number;
  length?: number;
  members?: { name: string; type: number; bitOffset: number; bitSize: number }[];
  values?: { name: string; value: number | bigint }[];
  parameters?: { name: string; type: number }[];
}

export interface NativeBtf {
  count(): number;
  find(name: string, kind?: NativeBtfKind): number | undefined;
  type(id: number): NativeBtfType;
}

export interface NativeProgramDescription {
  name: string;
  section: string;
  type: string;
  autoload: boolean;
}

export interface NativeMapDescription {
  name: string;
  type: string;
  keySize: number;
  valueSize: number;
  maxEntries: number;
  /** Ids in the object's BTF; 0: none. */
  keyType: number;
  valueType: number;
}

export interface NativeVariable {
  section: string;
  name: string;
  type: number;
  offset: number;
  size: number;
}

export interface NativeBpfObject {
  programs(): NativeProgramDescription[];
  maps(): NativeMapDescription[];
  variables(): NativeVariable[];
  readVariable(section: string, offset: number, size: number): Buffer;
  writeVariable(section: string, offset: number, bytes: Uint8Array): void;
  setAutoload(program: string, autoload: boolean): void;
  setAttachTarget(program: string, kernelFunction: string): void;
  setMaxEntries(map: string, entries: number): void;
  setPinPath(map: string, path: string): void;
  reuseMap(name: string, map: NativeBpfMap): void;
  load(): void;
  close(): void;
}

export interface NativeMapOptions {
  type: string;
  name: string;
  keySize: number;
  valueSize: number;
  maxEntries: number;
  flags: number;
  extra: number;
  inner?: NativeBpfMap | undefined;
}

export interface NativeMapInfo {
  fd: number;
  id: number;
  name: string;
  type: string;
  keySize: number;
  valueSize: number;
  copiedValueSize: number;
  maxEntries: number;
  flags: number;
}

export interface NativeBatch {
  keys: Buffer;
  values: Buffer;
  count: number;
  cursor: Buffer;
  last: boolean;
}

export interface NativeBpfMap {
  info(): NativeMapInfo;
  lookup(key: Uint8Array | undefined, flags: number): Buffer | undefined;
  lookupAndDelete(key: Uint8Array | undefined): Buffer | undefined;
  contains(value: Uint8Array): boolean;
  update(key: Uint8Array | undefined, value: Uint8Array, flags: number): void;
  delete(key: Uint8Array): boolean;
  nextKey(key: Uint8Array | undefined): Buffer | undefined;
  lookupBatch(cursor: Uint8Array | undefined, count: number, remove: boolean): NativeBatch;
  updateBatch(keys: Uint8Array, values: Uint8Array, count: number): number;
  deleteBatch(keys: Uint8Array, count: number): number;
  freeze(): void;
  pin(path: string): void;
  memory(): ArrayBuffer;
  close(): void;
}

/** `runTimeNs` and `runCount` are counted while statistics are on (`enableStatistics`), `recursionMisses` always. */
export interface NativeProgramInfo {
  fd: number;
  id: number;
  name: string;
  type: string;
  tag: string;
  jitedBytes: number;
  translatedBytes: number;
  verifiedInstructions: number;
  runTimeNs: bigint;
  runCount: bigint;
  recursionMisses: bigint;
}

export interface NativeRunOptions {
  context: Uint8Array | undefined;
  contextSizeOut: number;
  data: Uint8Array | undefined;
  dataSizeOut: number;
  repeat: number;
  cpu: number;
  flags: number;
}

export interface NativeRunResult {
  result: number;
  durationNs: number;
  context?: Buffer;
  data?: Buffer;
}

export interface NativeBpfProgram {
  info(): NativeProgramInfo;
  run(options: NativeRunOptions): NativeRunResult;
  pin(path: string): void;
  close(): void;
}

export interface NativeLinkInfo {
  fd: number;
  id: number;
  type: string;
  programId: number;
}

export interface NativeBpfLink {
  info(): NativeLinkInfo;
  iterate(): NativeDescriptor;
  update(program: NativeBpfProgram): void;
  pin(path: string): void;
  detach(): void;
  close(): void;
}

/** A descriptor to wait for: calls `ready` once; the process stays alive meanwhile. */
export interface NativeReadiness {
  wait(ready: () => void): NativeRefusal | undefined;
  close(): void;
}

export interface NativeRingBuffer extends NativeReadiness {
  consume(limit: number): { bytes: Buffer; lengths: Uint32Array };
  available(): number;
}

export interface NativePerfBuffer extends NativeReadiness {
  consume(): { bytes: Buffer; lengths: Uint32Array; cpus: Uint32Array; lost: bigint };
}

export interface NativeUserRingBuffer extends NativeReadiness {
  write(record: Uint8Array): boolean;
  used(): number;
}

export interface NativeStatistics {
  close(): void;
}

type FromProgram = [from: 'program', program: NativeBpfProgram, kind: string, options: object];
type FromMap = [from: 'map', map: NativeBpfMap];
type FromObject = [from: 'object', object: NativeBpfObject, name: string];
type FromPin = [from: 'pinned', path: string];
type FromId = [from: 'id', id: number];

/** The part of the native surface that is libbpf's. */
export interface NativeLibbpf {
  /** `needs`: the capabilities that the kernel asks for before it does that. */
  onBpfRefusal(
    refusal: (what: string, errno: number, log: string, needs: Capability[]) => Error,
    misuse: (expectation: string, value: unknown) => Error,
  ): void;
  onBpfLog(
    level: number,
    listener: ((level: 'warn' | 'info' | 'debug', text: string) => void) | undefined,
  ): void;
  BpfObject: new (image: Uint8Array, name: string, verifierLogLevel: number) => NativeBpfObject;
  BpfMap: new (
    ...from: FromObject | [from: 'create', options: NativeMapOptions] | FromPin | FromId
  ) => NativeBpfMap;
  BpfProgram: new (...from: FromObject | FromPin | FromId) => NativeBpfProgram;
  BpfLink: new (...from: FromProgram | FromMap | FromPin) => NativeBpfLink;
  Btf: new (
    ...from: ['kernel'] | ['module', string] | ['object', NativeBpfObject] | ['bytes', Uint8Array]
  ) => NativeBtf;
  RingBuffer: new (map: NativeBpfMap) => NativeRingBuffer;
  PerfBuffer: new (map: NativeBpfMap, pagesPerCpu: number) => NativePerfBuffer;
  UserRingBuffer: new (map: NativeBpfMap) => NativeUserRingBuffer;
  Statistics: new () => NativeStatistics;
  hasProgramType(type: string): boolean;
  hasMapType(type: string): boolean;
  hasHelper(programType: string, helper: number): boolean;
  possibleCpus(): number;
}
