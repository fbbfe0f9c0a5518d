import { describe, expect, it } from 'vitest';
import {
  amendRecord,
  isAbout,
  parseRecord,
  type RecordKey,
} from '../../../lib/files/xattr/profiles/record.js';
import { sluice } from '../../../lib/files/xattr/profiles/sluice.js';
import { algorithms } from '../../../lib/index.js';
import { Random } from '../../helpers/random.js';

const version = { size: 9n, mtimeNs: 1_763_730_000_123_456_789n };
const head = `v1 size=${version.size} mtime=${version.mtimeNs}`;
const parse = (text: string) => sluice.parse(Buffer.from(text, 'latin1'), 'adler32', version);

describe('a reader of user.sluice', () => {
  it.each([
    ['an unknown field', `${head} adler32=091e01de/reread verified=1763730000`],
    ['an unknown field in front', `v1 later=x size=9 mtime=${version.mtimeNs} adler32=091e01de/reread`],
    ['an unknown algorithm', `${head} md5=25f9e794323b453885f5181f1b624d0b/reread adler32=091e01de/reread`],
    ['flags after the origin', `${head} adler32=091e01de/reread/t=1763730000/x`],
    ['an unknown field twice', `${head} adler32=091e01de/reread note=1 note=2`],
    ['a mark of rot with flags', `${head} adler32=091e01de/reread rot=1763730000/by=scrub`],
  ])('ignores %s', (_, text) => {
    expect(parse(text)).toEqual([
      { algorithm: 'adler32', value: 0x91e01den, state: 'fresh', origin: 'reread' },
    ]);
  });

  it('takes a value of an unknown origin without one', () => {
    expect(parse(`${head} adler32=091e01de/observed`)).toEqual([
      { algorithm: 'adler32', value: 0x91e01den, state: 'fresh' },
    ]);
  });

  it('takes a record without any value', () => {
    expect(parse(`${head} rot=1763730000`)).toEqual([]);
    expect(parse(`${head} later=x`)).toEqual([]);
  });
});

describe('a rewrite of user.sluice', () => {
  const content = Buffer.from(`${head} adler32=091e01de/observed/x later=x crc32c=e3069283/written rot=1`);

  it('keeps what is unknown of the same version', () => {
    const value = { algorithm: 'crc32', value: 1n, origin: 'reread' } as const;
    expect(String(sluice.amend?.(content, ['crc32', 'crc32c'], [value], version))).toBe(
      `${head} adler32=091e01de/observed/x crc32=00000001/reread rot=1 later=x`,
    );
  });

  it('drops what is of another version', () => {
    const next = { ...version, mtimeNs: 2n };
    expect(String(amendRecord(content, next, [['rot', '2']]))).toBe('v1 size=9 mtime=2 rot=2');
    expect(amendRecord(content, next, [])).toBeUndefined();
  });

  it('gives up unknown fields rather than a length that readers refuse', () => {
    const long = Buffer.from(`${head} later=${'x'.repeat(1020 - head.length - 7)}`);
    expect(parseRecord(long)).toBeDefined();
    expect(String(amendRecord(long, version, [['rot', '2']]))).toBe(`${head} rot=2`);
  });

  it('gives up flags, then fails, rather than a length that readers refuse', () => {
    const filled = (start: string) => Buffer.from(`${start}${'f'.repeat(1015 - start.length)}`);
    const flags = filled(`${head} adler32=091e01de/reread/`);
    expect(parseRecord(flags)).toBeDefined();
    expect(String(amendRecord(flags, version, [['rot', '1763730000']]))).toBe(
      `${head} adler32=091e01de/reread rot=1763730000`,
    );
    const origin = filled(`${head} adler32=091e01de/`);
    expect(parseRecord(origin)).toBeDefined();
    expect(() => amendRecord(origin, version, [['rot', '1763730000']])).toThrow(
      expect.objectContaining({ code: 'ERR_SLUICE_NO_SPACE', attribute: 'user.sluice' }),
    );
    const marked = filled(`${head} adler32=091e01de/reread repaired=1/`);
    expect(String(amendRecord(marked, version, [['rot', '1763730000']]))).toBe(
      `${head} adler32=091e01de/reread repaired=1 rot=1763730000`,
    );
  });

  it('removes a record that would say nothing', () => {
    expect(amendRecord(Buffer.from(`${head} rot=1`), version, [['rot', undefined]])).toBeUndefined();
  });
});

it('any content is malformed, or is read again as it was read once it was rewritten', () => {
  const random = new Random(0x1ec0);
  const pick = <T>(list: readonly T[]) => list[random.below(list.length)] as T;
  const pieces = [
    () => `size=${random.below(20)}`,
    () => `mtime=${random.below(20) - 10}`,
    () =>
      `${pick([...algorithms, 'md5'])}=${random
        .below(2 ** 31)
        .toString(16)
        .padStart(8, '0')}/${pick(['written', 'reread', 'x', ''])}`,
    () => `crc64nvme=${'0'.repeat(16)}/written/${pick(['', 'a', 'a/b'])}`,
    () => `${pick(['rot', 'repaired'])}=${pick(['1', '1763730000', '1763730000/x', '', '-1', '1e3'])}`,
    () => `${pick(['later', 'no_te', 'A', ''])}=${pick(['x', 'a=b', 'a/b', '', '\xe9', '\0'])}`,
    () => pick(['v1', 'v2', '', ' ', '\n', '=', '/', 'x']),
  ];
  let [malformed, read] = [0, 0];
  for (let round = 0; round < 20_000; round++) {
    const fields = Array.from({ length: random.below(6) }, () => pick(pieces)());
    const start = pick(['v1', 'v1', 'v1', 'v2', '']);
    const stamps = random.below(4) > 0 ? ['size=9', 'mtime=5'] : [];
    const content = Buffer.from([start, ...stamps, ...fields].join(' '), 'latin1');
    if (random.below(8) === 0 && content.length > 0)
      content[random.below(content.length)] = random.below(256);
    const record = parseRecord(content);
    if (record === undefined) {
      malformed += 1;
      continue;
    }
    read += 1;
    expect(record.version.size).toBeGreaterThanOrEqual(0n);
    const again = parseRecord(amendRecord(content, record.version, []) as Buffer);
    expect(again).toEqual({ ...record, fields: new Map([...record.fields].sort()) });
    expect(isAbout(record, record.version)).toBe(true);
    const all = [...record.fields.keys()].map((key): [RecordKey, undefined] => [key, undefined]);
    const rest = amendRecord(content, record.version, all);
    expect(rest && parseRecord(rest)?.others).toEqual(record.others.length > 0 ? record.others : undefined);
  }
  expect(Math.min(malformed, read)).toBeGreaterThan(500);
});
