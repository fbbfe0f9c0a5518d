import type { Selection, VerifyOptions } from '../../lib/files/xattr/index.js';
import type {
  ChecksumAdapterOptions,
  FileHandlerOptions,
  ReceiveOptions,
  SendOptions,
} from '../../lib/http/index.js';
import type { ChecksumAllOptions, ChecksumOptions } from '../../lib/index.js';

/** Values that are wrong, by option; all of them, or it does not compile. */
export type Wrong<Options> = { [Name in keyof Required<Options>]: readonly unknown[] };

/** Where no other type of value will do. */
export const noText: readonly unknown[] = [null, 5, 5n, {}, [], Symbol('s')];
export const noFunction: readonly unknown[] = [null, 'f', 5, {}];
export const noFlag: readonly unknown[] = [null, 0, 'true', {}];
export const noCount: readonly unknown[] = [null, -1, 1.5, '1', Number.NaN, 2 ** 60, 5n];
export const noSignal: readonly unknown[] = [null, {}, 'abort', new AbortController()];

export const algorithms: readonly unknown[] = [null, 'adler32', [], ['adler33'], [5n], [null], ['md5'], {}];
export const engine: readonly unknown[] = [...noText, 'gpu', ''];
export const profiles: readonly unknown[] = [null, 'sluice', ['sluice', 'x'], [null], 5, {}];
export const fields: readonly unknown[] = [
  null,
  'Digest',
  ['digest'],
  ['Digest', 'Want-Digest'],
  [null],
  [5n],
  5,
  {},
];
export const adler: readonly unknown[] = [...noText, 'hex', 'Bytes'];
export const idleTimeout: readonly unknown[] = [
  null,
  0,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 31,
  '5',
  {},
];

export const ofReceive: Wrong<ReceiveOptions> = {
  algorithms,
  profiles: [...profiles, ['storm', 'storm', 'x']],
  keep: noFlag,
  replace: [...noText, 'existing', {}, { dev: 1n, ino: 1n, size: 1n, mtimeNs: 1 }],
  mode: [null, -1, 0o10000, 1.5, '0644'],
  sync: noFlag,
  transport: [...noText, 'socket'],
  idleTimeout,
  engine,
  proceed: noFunction,
  fields,
  adler,
  signal: noSignal,
  s3: noFlag,
};
export const ofSend: Wrong<SendOptions> = {
  fields,
  adler,
  profiles: [...profiles, []],
  verify: [...noText, 'onwrite', true],
  onDemand: [null, true, {}, 'never'],
  engine,
  idleTimeout,
  s3: noFlag,
};
export const nested = (wrong: Readonly<Record<string, readonly unknown[]>>): readonly unknown[] => [
  null,
  5,
  'fields',
  [],
  { nonsense: 1 },
  ...Object.entries(wrong).flatMap(([name, values]) => values.map((value) => ({ [name]: value }))),
];
export const ofHandler: Wrong<FileHandlerOptions> = {
  locate: [undefined, ...noFunction],
  receive: [...nested(ofReceive), { proceed() {} }, { s3: true }],
  send: [...nested(ofSend), { s3: true }],
  s3: noFlag,
  checkContinue: noFlag,
  onError: noFunction,
  flowd: [...noText, '', 'a\0b'],
};
export const ofAdapter: Wrong<ChecksumAdapterOptions> = { algorithms, fields, adler };
export const ofChecksumAll: Wrong<ChecksumAllOptions> = {
  algorithms,
  engine,
  cache: [...noText, 'bypas'],
  signal: noSignal,
  onProgress: noFunction,
  threads: [...noCount, 0],
};
export const ofChecksum: Wrong<ChecksumOptions> = {
  ...ofChecksumAll,
  range: [null, 5, [], { begin: 1 }, { start: null }, { start: -1 }, { end: '1' }, { start: 2, end: 1 }],
};
export const ofSelection: Wrong<Selection> = { profiles: [...profiles, []], algorithms };
export const ofVerify: Wrong<VerifyOptions> = {
  ...ofSelection,
  engine,
  cache: ofChecksum.cache,
  signal: noSignal,
  threads: ofChecksum.threads,
  throttle: [null, 5, {}],
  onProgress: noFunction,
};
