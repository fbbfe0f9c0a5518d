/** Everything that can be called in lib/libbpf, and what that calls of the addon, each with arguments that are right. */

import { readFileSync } from 'node:fs';
import * as libbpf from '../../lib/libbpf/index.js';
import { native } from '../../lib/native/index.js';
import { testObject } from './support.js';

const image = readFileSync(testObject('core'));
const hooks = libbpf.openObject(testObject('hooks'));
for (const name of hooks.programNames) hooks.program(name).autoload = name === 'on_raw_tracepoint';
const opened = libbpf.openObject(image);
const loaded = libbpf.openObject(image, { name: 'core' }).load();
const hooked = hooks.load();
export const program: libbpf.LoadedProgram = hooked.program('on_raw_tracepoint');
export const link: libbpf.Link = libbpf.attachRawTracepoint(program, 'sys_enter');
const { u32, u64 } = libbpf;

function made(type: string, keySize = 4, more: object = {}): libbpf.BpfMap {
  return libbpf.BpfMap.create({ type, keySize, valueSize: 8, maxEntries: 4, ...more });
}
export const hash: libbpf.BpfMap = made('hash');
const array = made('array', 4, { flags: 1 << 10 });
const queue = made('queue', 0);
const bloom = made('bloom_filter', 0);
const users = libbpf.BpfMap.create({ type: 'user_ringbuf', keySize: 0, valueSize: 0, maxEntries: 4096 });
const values = { value: u64 };
const struct = libbpf.btfCodec(loaded.btf, loaded.btf.find('point', 'struct') ?? 0);
const view = new DataView(new ArrayBuffer(64));
const bytes = new Uint8Array(8);
const core = { program: loaded.program('mirror'), map: loaded.map('points') };

export type Calls = Record<string, readonly unknown[]>;

/** Every function, with arguments of which all but one stay right. */
export const functions: Calls = {
  array: [u32, 2],
  arrayMap: [array, values],
  attachCgroup: [program, '/sys/fs/cgroup'],
  attachIterator: [program, { map: hash }],
  attachKprobe: [program, 'vfs_read', { offset: 0, cookie: 1n }],
  attachKprobeMulti: [program, { functions: ['vfs_read'], pattern: undefined, return: false }],
  attachKretprobe: [program, 'vfs_read', { cookie: 1n }],
  attachLsm: [program],
  attachPerfEvent: [
    program,
    { type: 1, event: 0n, period: 1_000_000n, frequency: undefined, pid: 0, cpu: -1, cookie: 0n },
  ],
  attachRawTracepoint: [program, 'no_such_tracepoint', { cookie: 0n }],
  attachSocketMap: [program, hooked.map('sockets')],
  attachStructOps: [hash],
  attachTc: [program, 2 ** 31],
  attachTracepoint: [program, 'syscalls', 'sys_enter_read', { cookie: 0n }],
  attachTracing: [program, { cookie: 0n }],
  attachUprobe: [program, '/proc/self/exe', { function: 'main', offset: 0, pid: -1, cookie: 0n }],
  attachUretprobe: [program, '/proc/self/exe', { function: 'main', offset: 0, pid: -1, cookie: 0n }],
  attachUsdt: [program, '/proc/self/exe', { provider: 'a', name: 'b', pid: -1, cookie: 0n }],
  attachXdp: [program, 2 ** 31],
  bloomFilter: [bloom, values],
  btfCodec: [loaded.btf, 1],
  bytes: [8],
  decode: [u64, bytes],
  enableStatistics: [],
  encode: [u64, 1n],
  hasHelper: ['kprobe', 'bpf_ringbuf_output'],
  hasKfunc: ['bpf_obj_new_impl'],
  hasMapType: ['hash'],
  hasProgramType: ['kprobe'],
  hashMap: [hash, { key: u32, value: u64 }],
  mapMemory: [array],
  mapOfMaps: [loaded.map('maps'), { key: u32 }],
  onLog: [undefined, 'warn'],
  openObject: [image, { name: 'again', verifierLog: 0 }],
  perCpuArrayMap: [made('percpu_array'), values],
  perCpuHashMap: [made('percpu_hash'), { key: u32, value: u64 }],
  perfBuffer: [loaded.map('samples'), { record: u64, pagesPerCpu: 1, signal: AbortSignal.abort() }],
  programArray: [loaded.map('jumps')],
  queueMap: [queue, values],
  readIterator: [link],
  ringBuffer: [
    loaded.map('records'),
    { record: u64, lost: loaded.variable('lost', u64), signal: AbortSignal.abort() },
  ],
  socketMap: [hooked.map('sockets'), { key: u32 }],
  text: [8],
  userRingBuffer: [users],
};

/** The objects and classes with the methods and settable properties that take arguments. */
export const objects: Record<string, [object: object, methods: Calls]> = {
  Btf: [
    loaded.btf,
    {
      find: ['point', 'struct'],
      type: [1],
      resolve: [1],
      hasFunction: ['f'],
      describe: ['point'],
      nameOf: [1],
    },
  ],
  'Btf, the class': [libbpf.Btf, { kernel: [], module: ['no_such_module'], parse: [bytes] }],
  BpfMap: [hash, { pin: ['/nowhere/map'] }],
  'BpfMap, the class': [
    libbpf.BpfMap,
    {
      create: [
        {
          type: 'hash',
          name: 'x',
          keySize: 4,
          valueSize: 8,
          maxEntries: 1,
          flags: 0,
          extra: 0,
          inner: undefined,
        },
      ],
      openPinned: ['/nowhere'],
      fromId: [2 ** 31],
    },
  ],
  'Link, the class': [libbpf.Link, { openPinned: ['/nowhere'] }],
  Link: [link, { update: [program], pin: ['/nowhere/link'] }],
  'Program, the class': [libbpf.Program, { openPinned: ['/nowhere'], fromId: [2 ** 31] }],
  LoadedProgram: [
    core.program,
    {
      run: [
        {
          context: undefined,
          contextSizeOut: 8,
          data: new Uint8Array(64),
          dataSizeOut: 64,
          repeat: 1,
          cpu: undefined,
          flags: 0,
        },
      ],
      pin: ['/nowhere/program'],
    },
  ],
  OpenObject: [opened, { program: ['mirror'], map: ['points'], variable: ['answer', u64] }],
  OpenProgram: [opened.program('mirror'), { autoload: [true], setTarget: ['vfs_read'] }],
  OpenMap: [opened.map('points'), { maxEntries: [8], setPinPath: ['/nowhere/points'], reuse: [hash] }],
  LoadedObject: [loaded, { program: ['mirror'], map: ['points'], variable: ['answer', u64] }],
  Variable: [loaded.variable('lost', u64), { set: [0n] }],
  'Variable, of a struct': [
    opened.variable('origin'),
    { set: [{ x: 1, y: 2n, name: 'a', on: true, color: 7 }] },
  ],
  HashMap: [
    libbpf.hashMap(hash, { key: u32, value: u64 }),
    {
      get: [1],
      has: [1],
      set: [1, 1n, 'any'],
      delete: [1],
      take: [1],
      setAll: [[[1, 1n]]],
      deleteAll: [[1]],
    },
  ],
  ArrayMap: [libbpf.arrayMap(array, values), { at: [1], set: [1, 1n], setAll: [[[1, 1n]]] }],
  'ArrayMap, of arrays': [libbpf.perCpuArrayMap(made('percpu_array'), values), { set: [1, [1n, 2n]] }],
  QueueMap: [libbpf.queueMap(queue, values), { push: [1n, 'refuse'] }],
  BloomFilter: [libbpf.bloomFilter(bloom, values), { add: [1n], mayHave: [1n] }],
  MapOfMaps: [libbpf.mapOfMaps(loaded.map('maps'), { key: u32 }), { get: [0], set: [0, hash], delete: [0] }],
  ProgramArray: [libbpf.programArray(loaded.map('jumps')), { set: [0, core.program], delete: [0] }],
  SocketMap: [libbpf.socketMap(hooked.map('sockets'), { key: u32 }), { set: [0, 0], delete: [0] }],
  UserRingBuffer: [libbpf.userRingBuffer(users), { write: [bytes], drained: [8] }],
  RingBuffer: [libbpf.ringBuffer(loaded.map('records')), {}],
  PerfBuffer: [libbpf.perfBuffer(loaded.map('samples')), {}],
  Statistics: [libbpf.enableStatistics(), {}],
  ...Object.fromEntries(
    Object.entries({
      u8: libbpf.u8,
      i64: libbpf.i64,
      f32: libbpf.f32,
      f64: libbpf.f64,
      bool: libbpf.bool,
    }).map(([name, codec]) => [`the codec ${name}`, [codec, { read: [view, 0], write: [view, 0, 1] }]]),
  ),
  'the codec bytes': [libbpf.bytes(4), { read: [view, 0], write: [view, 0, new Uint8Array(4)] }],
  'the codec text': [libbpf.text(4), { read: [view, 0], write: [view, 0, 'abc'] }],
  'the codec array': [libbpf.array(u32, 2), { read: [view, 0], write: [view, 0, [1, 2]] }],
  'the codec of a struct': [
    struct,
    { read: [view, 0], write: [view, 0, { x: 1, y: 2n, name: 'a', middle: 3, on: true }] },
  ],
};

/** What lib/libbpf calls of the addon. */
export const addon: typeof objects = {
  'the functions': [
    native,
    {
      hasProgramType: ['kprobe'],
      hasMapType: ['hash'],
      hasHelper: ['kprobe', 1],
      onBpfLog: [0, undefined],
      possibleCpus: [],
    },
  ],
  BpfMap: [
    hash.native,
    {
      lookup: [new Uint8Array(4), 0],
      lookupAndDelete: [new Uint8Array(4)],
      contains: [bytes],
      update: [new Uint8Array(4), bytes, 0],
      delete: [new Uint8Array(4)],
      nextKey: [new Uint8Array(4)],
      lookupBatch: [undefined, 1, false],
      updateBatch: [new Uint8Array(4), bytes, 1],
      deleteBatch: [new Uint8Array(4), 1],
      pin: ['/nowhere'],
    },
  ],
  BpfProgram: [
    core.program.native,
    {
      run: [
        {
          context: undefined,
          contextSizeOut: 0,
          data: new Uint8Array(64),
          dataSizeOut: 0,
          repeat: 1,
          cpu: 0,
          flags: 0,
        },
      ],
      pin: ['/nowhere'],
    },
  ],
  BpfLink: [link.native, { update: [program.native], pin: ['/nowhere'] }],
  BpfObject: [
    new native.BpfObject(image, 'core', 0),
    {
      readVariable: ['.rodata', 0, 8],
      writeVariable: ['.data', 0, new Uint8Array(4)],
      setAutoload: ['mirror', true],
      setAttachTarget: ['mirror', 'vfs_read'],
      setMaxEntries: ['points', 4],
      setPinPath: ['points', '/nowhere'],
      reuseMap: ['points', hash.native],
    },
  ],
  Btf: [new native.Btf('kernel'), { find: ['page', 'struct'], type: [1] }],
  RingBuffer: [new native.RingBuffer(loaded.map('records').native), { consume: [1] }],
  UserRingBuffer: [new native.UserRingBuffer(users.native), { write: [bytes] }],
};
export const constructors: Calls = {
  BpfObject: [image, 'core', 0],
  BpfMap: [
    'create',
    {
      type: 'hash',
      name: 'x',
      keySize: 4,
      valueSize: 8,
      maxEntries: 1,
      flags: 0,
      extra: 0,
      inner: undefined,
    },
  ],
  BpfProgram: ['id', 2 ** 31],
  BpfLink: ['program', program.native, 'rawTracepoint', { name: 'no_such_tracepoint', cookie: 0n }],
  Btf: ['bytes', bytes],
  RingBuffer: [loaded.map('records').native],
  PerfBuffer: [loaded.map('samples').native, 1],
  UserRingBuffer: [users.native],
};
