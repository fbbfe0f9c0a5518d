/** Every option of every call: a wrong one is refused before anything is done, by a handler when it is made. */

import { readdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PublishOptions, StagedFile } from '../../lib/files/staging/staged-file.js';
import {
  clearChecksums,
  type FillOptions,
  fillChecksums,
  readChecksums,
  type Selection,
  type StoreOptions,
  storeChecksums,
  type VerifyOptions,
  verifyChecksums,
} from '../../lib/files/xattr/index.js';
import {
  BodyDigests,
  type ChecksumAdapterOptions,
  type DigestFieldOptions,
  digestFields,
  expressFiles,
  type FileHandlerOptions,
  fastifyFiles,
  fileHandler,
  koaFiles,
  type MoveOptions,
  moveFile,
  nepheleChecksums,
  OnDemandChecksums,
  type OnDemandOptions,
  type ProblemOptions,
  problemOf,
  type ReceiveOptions,
  type RemoveOptions,
  receive,
  removeFile,
  type SendOptions,
  send,
  withChecksums,
} from '../../lib/http/index.js';
import {
  type ChecksumAllOptions,
  type ChecksumOptions,
  ChecksumStream,
  type ChecksumStreamOptions,
  checksum,
  checksumAll,
} from '../../lib/index.js';
import { type RelayOptions, relay } from '../../lib/relay/index.js';
import { shown } from '../../lib/shown.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';

const folder = temporaryFolder();
const file = fileOf(folder, 100);
const content = readFileSync(file);
let handle: Awaited<ReturnType<typeof open>>;
let staged: StagedFile;
beforeAll(async () => {
  handle = await open(file, 'r+');
  staged = await StagedFile.create(join(folder, 'staged'));
});
afterAll(async () => {
  await staged.discard();
  await handle.close();
});

/** Values that are wrong, by option; all of them, or it does not compile. */
type Wrong<Options> = { [Name in keyof Required<Options>]: readonly unknown[] };

/** Where no other type of value will do. */
const noText = [null, 5, 5n, {}, [], Symbol('s')];
const noFunction = [null, 'f', 5, {}];
const noFlag = [null, 0, 'true', {}];
const noCount = [null, -1, 1.5, '1', Number.NaN, 2 ** 60, 5n];
const noSignal = [null, {}, 'abort', new AbortController()];

const algorithms = [null, 'adler32', [], ['adler33'], [5n], [null], ['md5'], {}];
const engine = [...noText, 'gpu', ''];
const profiles = [null, 'sluice', ['sluice', 'x'], [null], 5, {}];
const fields = [null, 'Digest', ['digest'], ['Digest', 'Want-Digest'], [null], [5n], 5, {}];
const adler = [...noText, 'hex', 'Bytes'];
const idleTimeout = [null, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '5', {}];

const ofReceive: Wrong<ReceiveOptions> = {
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
const ofSend: Wrong<SendOptions> = {
  fields,
  adler,
  profiles: [...profiles, []],
  verify: [...noText, 'onwrite', true],
  onDemand: [null, true, {}, 'never'],
  idleTimeout,
  s3: noFlag,
};
const nested = (wrong: Readonly<Record<string, readonly unknown[]>>) => [
  null,
  5,
  'fields',
  [],
  { nonsense: 1 },
  ...Object.entries(wrong).flatMap(([name, values]) => values.map((value) => ({ [name]: value }))),
];
const ofHandler: Wrong<FileHandlerOptions> = {
  locate: [undefined, ...noFunction],
  receive: [...nested(ofReceive), { proceed() {} }, { s3: true }],
  send: [...nested(ofSend), { s3: true }],
  s3: noFlag,
  checkContinue: noFlag,
  onError: noFunction,
  flowd: [...noText, '', 'a\0b'],
};
const ofAdapter: Wrong<ChecksumAdapterOptions> = { algorithms, fields, adler };
const ofChecksumAll: Wrong<ChecksumAllOptions> = {
  algorithms,
  engine,
  cache: [...noText, 'bypas'],
  signal: noSignal,
  onProgress: noFunction,
  threads: [...noCount, 0],
};
const ofChecksum: Wrong<ChecksumOptions> = {
  ...ofChecksumAll,
  range: [null, 5, [], { begin: 1 }, { start: null }, { start: -1 }, { end: '1' }, { start: 2, end: 1 }],
};
const ofSelection: Wrong<Selection> = { profiles: [...profiles, []], algorithms };
const ofVerify: Wrong<VerifyOptions> = {
  ...ofSelection,
  engine,
  cache: ofChecksum.cache,
  signal: noSignal,
  threads: ofChecksum.threads,
  throttle: [null, 5, {}],
  onRead: noFunction,
};
const locate = () => undefined;

/** Calls with options, those that make handlers in the first rows. */
const calls: readonly (readonly [
  string,
  (options: never) => unknown,
  Readonly<Record<string, readonly unknown[]>>,
])[] = [
  ['fileHandler', (options: object) => fileHandler({ locate, ...options }), ofHandler],
  ['expressFiles', (options: object) => expressFiles({ locate, ...options }), ofHandler],
  ['koaFiles', (options: object) => koaFiles({ locate, ...options }), ofHandler],
  ['fastifyFiles', (options: object) => fastifyFiles({ locate, ...options }), ofHandler],
  ['nepheleChecksums', nepheleChecksums, ofAdapter],
  ['withChecksums', (options) => withChecksums({ _openWriteStream() {} }, options), ofAdapter],
  [
    'OnDemandChecksums',
    (options) => new OnDemandChecksums(options),
    {
      atOnce: [null, 0, -1, 1.5, '2', Number.NaN, 5n],
      store: profiles,
    } satisfies Wrong<OnDemandOptions>,
  ],
  [
    'ChecksumStream',
    (options) => new ChecksumStream(options),
    { algorithms, highWaterMark: noCount } satisfies Wrong<ChecksumStreamOptions>,
  ],
  [
    'digestFields',
    (options) => digestFields({}, options),
    { fields, adler, wanted: [null, 5, 'md5', []] } satisfies Wrong<DigestFieldOptions>,
  ],
  [
    'problemOf',
    (options) => problemOf(new Error('x'), options),
    { s3: noFlag, request: [null, 5, 'PUT', {}] } satisfies Wrong<ProblemOptions>,
  ],
  [
    'receive',
    (options) => {
      const request = Object.assign(new IncomingMessage(new Socket()), { method: 'PUT' });
      return receive(request, join(folder, 'received'), options);
    },
    ofReceive,
  ],
  [
    'send',
    (options) => {
      const request = Object.assign(new IncomingMessage(new Socket()), { method: 'GET' });
      return send(new ServerResponse(request), file, options);
    },
    ofSend,
  ],
  ['checksum', (options) => checksum(file, options), ofChecksum],
  ['checksumAll', (options) => checksumAll([file], options).next(), ofChecksumAll],
  [
    'relay',
    (options) => relay(handle, 1, options),
    {
      algorithms,
      engine,
      length: noCount,
      sourceOffset: noCount,
      offset: noCount,
      signal: noSignal,
      onProgress: noFunction,
      idleTimeout: [null, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5'],
    } satisfies Wrong<RelayOptions>,
  ],
  ['readChecksums', (options) => readChecksums(handle.fd, options), ofSelection],
  ['clearChecksums', (options) => clearChecksums(handle.fd, options), ofSelection],
  ['verifyChecksums', (options) => verifyChecksums(handle.fd, options), ofVerify],
  [
    'fillChecksums',
    (options) => fillChecksums(handle.fd, options),
    { ...ofVerify, replaceRot: noFlag } satisfies Wrong<FillOptions>,
  ],
  [
    'storeChecksums',
    (options) => storeChecksums(handle.fd, { adler32: 1n }, options),
    {
      profiles: [...profiles, []],
      origin: [...noText, 'somewhere'],
      version: [null, 5, {}, { size: 1, mtimeNs: 1 }],
    } satisfies Wrong<StoreOptions>,
  ],
  [
    'StagedFile.publish',
    (options) => staged.publish(options),
    {
      replace: [...noText, 'all'],
      attributes: [null, 5, 'user.a', ['user.a'], [['user.a']], [['user.a', 'text']], [[5, Buffer.of()]]],
      keep: noFlag,
      version: [null, 5, {}, { size: 1, mtimeNs: 1 }],
      sync: noFlag,
    } satisfies Wrong<PublishOptions>,
  ],
  [
    'removeFile',
    (options) => removeFile('/nowhere', options),
    { expected: [null, 5, 'any', {}] } satisfies Wrong<RemoveOptions>,
  ],
  [
    'moveFile',
    (options) => moveFile('/nowhere', '/elsewhere', options),
    { expected: [null, 5, 'any', {}], replace: [...noText, 'existing', {}] } satisfies Wrong<MoveOptions>,
  ],
];

/** What a call throws, at once or later. */
async function refusalOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

const refusal = (message: RegExp) =>
  expect.objectContaining({
    name: 'SluiceError',
    code: expect.stringMatching(/^ERR_SLUICE_(OPTION|ALGORITHM)$/),
    message: expect.stringMatching(message),
  });

describe.each(calls)('%s', (_, call, wrong) => {
  it('refuses every wrong value of every option, and changes nothing', async () => {
    for (const [option, values] of Object.entries(wrong)) {
      for (const value of values) {
        const error = await refusalOf(() => call({ [option]: value } as never));
        expect(error, `${option}: ${shown(value)}`).toEqual(refusal(/./));
      }
    }
    expect(readdirSync(folder)).toEqual(expect.not.arrayContaining(['received', 'staged']));
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(await readChecksums(handle.fd)).toEqual([]);
  });

  it('names an option that there is not, and those that there are', async () => {
    const [known = ''] = Object.keys(wrong);
    for (const option of [`${known}s2`, known.toUpperCase(), 'constructor']) {
      const error = await refusalOf(() => call({ [option]: undefined } as never));
      expect(error).toEqual(
        refusal(new RegExp(`There is no option "${option}"; there are .*\\b${known}\\b`)),
      );
    }
  });
});

it.each([[null], ['md5'], [['adler33']], [['toString']], [[5n]], [[null]], [{}]])(
  'BodyDigests refuses %o for algorithms',
  (names) => {
    expect(() => new BodyDigests({}, names as never)).toThrow(refusal(/lgorithm/));
  },
);

it('every handler is refused where it is made', () => {
  const makers = calls.slice(0, 6).map(([, make]) => make as (options: object) => unknown);
  for (const make of makers) expect(() => make({ feilds: [] })).toThrow(refusal(/"feilds"/));
  for (const make of makers.slice(0, 4)) {
    expect(() => make({ receive: { fields: ['Digset'] } })).toThrow(
      refusal(/The option fields is one of Digest, .*, not "Digset"/),
    );
    expect(() => make({ send: { verfy: 'onread' } })).toThrow(refusal(/There is no option "verfy"/));
  }
});
