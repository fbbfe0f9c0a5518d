/** Every parser against bytes nobody meant: it answers or throws a SluiceError, and reads back what is written. */

import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../lib/errors/errors.js';
import { type DigestAlgorithm, digestAlgorithms, digestSize } from '../../lib/http/fields/algorithms.js';
import { type DigestFieldName, digestFields } from '../../lib/http/fields/produce.js';
import { parseStatedDigests } from '../../lib/http/fields/stated.js';
import { wantedDigests } from '../../lib/http/fields/wanted.js';
import { AwsChunkedDecoder } from '../../lib/http/receive/aws-chunked.js';
import { Random } from '../helpers/random.js';

const names: readonly DigestFieldName[] = [
  'Digest',
  'Repr-Digest',
  'Content-Digest',
  'OC-Checksum',
  'Content-MD5',
  'x-amz-checksum',
];

/** Values of some algorithms. */
function randomValues(random: Random): Partial<Record<DigestAlgorithm, Buffer>> {
  const chosen = digestAlgorithms.filter(() => random.below(2) === 0);
  return Object.fromEntries(chosen.map((algorithm) => [algorithm, random.bytes(digestSize(algorithm))]));
}

/** A character is taken out, put in, doubled or changed, or the text is cut or repeated. */
function mutate(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const character = random.below(2)
    ? random.of(' ,;:=()?@%"\\\t-*/+0aZ')
    : String.fromCharCode(random.below(256));
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + character + text.slice(at);
    case 2:
      return text.slice(0, at) + character + text.slice(at + 1);
    case 3:
      return text.slice(0, at);
    case 4:
      return `${text},${text.slice(at)}`;
    default:
      return text.slice(at) + text.slice(0, at);
  }
}

/** What it returns, or undefined for a SluiceError; anything else fails the test. */
function refusedOr<T>(call: () => T, input: unknown): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof SluiceError) return undefined;
    throw new Error(`${JSON.stringify(input)} made it throw ${String(error)}`, { cause: error });
  }
}

const lowered = (fields: Record<string, string>) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));

describe('the fields', () => {
  it('read what was written', () => {
    const random = new Random(20_260);
    for (let round = 0; round < 3000; round++) {
      const values = randomValues(random);
      const fields = digestFields(values, { fields: names, adler: random.of(['bytes', 'text']) });
      const { digests, ignored } = parseStatedDigests(lowered(fields));
      expect(ignored).toEqual([]);
      expect(new Set(digests.map(({ algorithm }) => algorithm))).toEqual(new Set(Object.keys(values)));
      for (const { algorithm, bytes } of digests) expect(bytes).toEqual(values[algorithm]);
    }
  });

  it('never fail in any other way, nor read bytes that were not there', () => {
    const random = new Random(97);
    let [read, refused] = [0, 0];
    for (let round = 0; round < 30_000; round++) {
      const fields = lowered(digestFields(randomValues(random), { fields: names }));
      const name = random.of([...Object.keys(fields), 'digest']);
      let value = fields[name] ?? '';
      for (let times = 1 + random.below(3); times > 0; times--) value = mutate(value, random);
      const result = refusedOr(() => parseStatedDigests({ [name]: value }), { [name]: value });
      if (result === undefined) refused++;
      else read++;
      for (const { algorithm, bytes } of result?.digests ?? []) {
        expect(bytes.byteLength).toBe(digestSize(algorithm));
      }
    }
    expect(read).toBeGreaterThan(1000);
    expect(refused).toBeGreaterThan(1000);
  });

  it('of wishes never fail at all', () => {
    const random = new Random(5);
    const valid = ['adler32;q=0.5, md5', 'adler=9, sha-256=1', 'sha-512;q=1.000,crc32c ; q=0'];
    for (let round = 0; round < 20_000; round++) {
      let value = random.of(valid);
      for (let times = 1 + random.below(4); times > 0; times--) value = mutate(value, random);
      for (const name of ['want-digest', 'want-repr-digest', 'want-content-digest']) {
        for (const found of Object.values(wantedDigests({ [name]: value })).flat()) {
          expect(digestAlgorithms).toContain(found);
        }
      }
    }
  });
});

describe('aws-chunked', () => {
  it('gives the right bytes or an error', async () => {
    const random = new Random(11);
    let [right, refused] = [0, 0];
    for (let round = 0; round < 1500; round++) {
      const content = random
        .bytes(random.below(40))
        .toString('latin1')
        .replace(/[\r\n]/g, '.');
      const cut = random.below(content.length + 1);
      const chunks = [content.slice(0, cut), content.slice(cut)].filter((chunk) => chunk !== '');
      const body = `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n`;
      const sent = random.below(4) === 0 ? body : mutate(body, random);
      const decoder = new AwsChunkedDecoder({
        'x-amz-decoded-content-length': String(content.length),
        'x-amz-trailer': 'x-amz-checksum-crc32',
      });
      const pieces = sent.match(new RegExp(`[^]{1,${1 + random.below(20)}}`, 'g')) ?? [];
      const source = Readable.from(pieces.map((piece) => Buffer.from(piece, 'latin1')));
      source.on('error', () => {});
      try {
        const decoded = await buffer(source.compose(decoder));
        expect(decoded.byteLength).toBe(content.length);
        if (sent === body) expect(decoded.toString('latin1')).toBe(content);
        right++;
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error;
        expect(sent).not.toBe(body);
        refused++;
      }
    }
    expect(right).toBeGreaterThan(300);
    expect(refused).toBeGreaterThan(300);
  });
});
