/**
 * libbpf for TypeScript: open, change and load BPF objects, use their maps, attach their programs, read their buffers.
 *
 * @module
 */

export { SluiceError, type SluiceErrorCode, type SluiceErrorDetails } from '../errors/errors.js';
export { Btf, type BtfField, type BtfKind, type BtfType } from './btf/btf.js';
export { type BtfValue, btfCodec } from './btf/codec.js';
export { type PerfBuffer, type PerfBufferOptions, perfBuffer, type Sample } from './buffers/perf-buffer.js';
export type { Reader, ReaderOptions } from './buffers/reader.js';
export { type RingBuffer, type RingBufferOptions, ringBuffer } from './buffers/ring-buffer.js';
export { type UserRingBuffer, userRingBuffer } from './buffers/user-ring-buffer.js';
export {
  array,
  bool,
  bytes,
  type Codec,
  decode,
  encode,
  f32,
  f64,
  i8,
  i16,
  i32,
  i64,
  text,
  u8,
  u16,
  u32,
  u64,
} from './codec.js';
export { hasHelper, hasKfunc, hasMapType, hasProgramType } from './features.js';
export { attachCgroup } from './link/cgroup.js';
export { attachIterator, type IteratorOptions, readIterator } from './link/iterator.js';
export { attachKprobe, type KprobeOptions } from './link/kprobe.js';
export { attachKprobeMulti, type KprobeMultiOptions } from './link/kprobe-multi.js';
export { attachKretprobe } from './link/kretprobe.js';
export { type CookieOption, Link, type LinkInfo } from './link/link.js';
export { attachLsm } from './link/lsm.js';
export { attachPerfEvent, type PerfEventOptions, softwareEvents } from './link/perf-event.js';
export { attachRawTracepoint } from './link/raw-tracepoint.js';
export { attachSocketMap } from './link/socket-map.js';
export { attachStructOps } from './link/struct-ops.js';
export { attachTc } from './link/tc.js';
export { attachTracepoint } from './link/tracepoint.js';
export { attachTracing } from './link/tracing.js';
export { attachUprobe, type UprobeOptions } from './link/uprobe.js';
export { attachUretprobe } from './link/uretprobe.js';
export { attachUsdt, type UsdtOptions } from './link/usdt.js';
export { attachXdp } from './link/xdp.js';
export { type LogLevel, type LogListener, onLog } from './log.js';
export { type ArrayMap, arrayMap, perCpuArrayMap } from './maps/array-map.js';
export { type BloomFilter, bloomFilter } from './maps/bloom-filter.js';
export { BpfMap, type CreateMapOptions, type MapType } from './maps/bpf-map.js';
export type { Codecs } from './maps/codecs.js';
export { type HashMap, hashMap, perCpuHashMap, type SetMode } from './maps/hash-map.js';
export { type MapOfMaps, mapOfMaps } from './maps/map-of-maps.js';
export { mapMemory } from './maps/memory.js';
export { type ProgramArray, programArray } from './maps/program-array.js';
export { type QueueMap, queueMap } from './maps/queue.js';
export { type SocketMap, socketMap } from './maps/socket-map.js';
export {
  type LoadedObject,
  type OpenMap,
  type OpenObject,
  type OpenOptions,
  type OpenProgram,
  openObject,
} from './object.js';
export { type LoadedProgram, Program, type ProgramInfo, type RunOptions, type RunResult } from './program.js';
export { enableStatistics, type Statistics } from './statistics.js';
export type { Variable } from './variable.js';
