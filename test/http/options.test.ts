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
  type StoreOptions,
  storeChecksums,
  verifyChecksums,
} from '../../lib/files/xattr/index.js';
import {
  BodyDigests,
  type DigestFieldOptions,
  digestFields,
  expressFiles,
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
  type RemoveOptions,
  receive,
  removeFile,
  send,
  withChecksums,
} from '../../lib/http/index.js';
import { ChecksumStream, type ChecksumStreamOptions, checksum, checksumAll } from '../../lib/index.js';
import { type RelayOptions, relay } from '../../lib/relay/index.js';
import { shown } from '../../lib/shown.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';

import {
  adler,
  algorithms,
  engine,
  fields,
  noCount,
  noFlag,
  noFunction,
  noSignal,
  noText,
  ofAdapter,
  ofChecksum,
  ofChecksumAll,
  ofHandler,
  ofReceive,
  ofSelection,
  ofSend,
  ofVerify,
  profiles,
  type Wrong,
} from './wrong-options.js';

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
      range: ofChecksum.range,
      sinkOffset: noCount,
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
