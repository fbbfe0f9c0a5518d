/** `Content-Digest` and `Repr-Digest` of RFC 9530: dictionaries of byte sequences (RFC 9651). */

import { type Dictionary, parseDictionary, serializeDictionary } from 'structured-headers';
import { shown } from '../../shown.js';
import { algorithmNamed, algorithmsOf, type DigestAlgorithm, digestSize, nameOf } from './algorithms.js';
import { type AdlerForm, type DigestFieldFormat, malformed, type Statement } from './family.js';

/**
 * A dictionary whose keys are all different. RFC 9651 lets the last of two win; of two digests one is wrong, and
 * whoever is in between may have looked at the other.
 */
export function dictionaryOf(field: string, value: string): Dictionary {
  let dictionary: Dictionary;
  try {
    dictionary = parseDictionary(value);
  } catch (error) {
    throw malformed(field, `is not a dictionary (${(error as Error).message}): ${shown(value)}`);
  }
  // Outside of strings, commas stand between members only.
  const members = value.replace(/"(?:\\.|[^"\\])*"/g, '""').split(',').length;
  if (dictionary.size > 0 && dictionary.size !== members) throw malformed(field, 'has a key twice');
  return dictionary;
}

/** What a byte sequence says; undefined if it can't be a value of the algorithm. */
function decode(algorithm: DigestAlgorithm, bytes: Buffer): Buffer | undefined {
  if (bytes.byteLength === digestSize(algorithm)) return bytes;
  const text = bytes.toString('latin1');
  if (algorithm === 'adler32' && /^[0-9a-f]{8}$/i.test(text)) return Buffer.from(text, 'hex');
  return undefined;
}

function parse(field: string, value: string): Statement[] {
  return [...dictionaryOf(field, value)].map(([name, [item]]) => {
    const algorithm = algorithmNamed('structured', name);
    if (algorithm === undefined) return { name, bytes: Buffer.alloc(0) };
    const bytes = item instanceof ArrayBuffer ? decode(algorithm, Buffer.from(item)) : undefined;
    if (bytes === undefined) {
      throw malformed(field, `does not have a byte sequence of ${digestSize(algorithm)} bytes for ${name}`);
    }
    return { name, algorithm, bytes };
  });
}

function produce(
  digests: readonly (readonly [DigestAlgorithm, Buffer])[],
  adler: AdlerForm,
): string | undefined {
  const dictionary: Dictionary = new Map();
  for (const [algorithm, bytes] of digests) {
    const key = nameOf('structured', algorithm);
    const asText = algorithm === 'adler32' && adler === 'text';
    if (key !== undefined)
      dictionary.set(key, [asText ? Buffer.from(bytes.toString('hex')) : bytes, new Map()]);
  }
  return dictionary.size > 0 ? serializeDictionary(dictionary) : undefined;
}

function format(name: string): DigestFieldFormat {
  return { name, algorithms: algorithmsOf('structured'), parse: (value) => parse(name, value), produce };
}

export const contentDigest: DigestFieldFormat = format('Content-Digest');
export const reprDigest: DigestFieldFormat = format('Repr-Digest');
