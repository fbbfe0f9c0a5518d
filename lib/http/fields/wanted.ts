/** Which digests a client would like to see: `Want-Digest` of RFC 3230, `Want-Content-Digest` and `Want-Repr-Digest`. */

import { SluiceError } from '../../errors/errors.js';
import { algorithmNamed, type DigestAlgorithm } from './algorithms.js';
import { dictionaryOf } from './structured.js';
import { elements, type Fields, fieldValue } from './value.js';

/** Algorithms by the field to answer with, the most wanted first. Empty: nothing was asked for that is computed here. */
export interface WantedDigests {
  Digest: DigestAlgorithm[];
  'Content-Digest': DigestAlgorithm[];
  'Repr-Digest': DigestAlgorithm[];
}

type Wish = readonly [algorithm: DigestAlgorithm | undefined, weight: number];

/** `adler32;q=0.5`: names with weights from 0 to 1, 1 where none is given. */
function parseQualities(value: string): Wish[] {
  return elements(value).map((element): Wish => {
    const [, name, weight] =
      /^([!#$%&'*+.^_`|~\w-]+)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i.exec(element) ?? [];
    return [algorithmNamed('digest', name ?? ''), Number(weight ?? 1)];
  });
}

/** `adler=9, sha-256=1`: keys with whole numbers from 0 to 10. */
function parsePreferences(field: string, value: string): Wish[] {
  return [...dictionaryOf(field, value)].map(([name, [item]]): Wish => {
    const valid = Number.isInteger(item) && (item as number) >= 0 && (item as number) <= 10;
    return [algorithmNamed('structured', name), valid ? (item as number) : 0];
  });
}

function ordered(wishes: readonly Wish[]): DigestAlgorithm[] {
  const wanted = wishes.filter(
    (wish): wish is readonly [DigestAlgorithm, number] => wish[0] !== undefined && wish[1] > 0,
  );
  return [...new Set(wanted.sort(([, a], [, b]) => b - a).map(([algorithm]) => algorithm))];
}

/** A wish that can't be understood is none (RFC 9651, 4.2): it never makes a request fail. */
export function wantedDigests(headers: Fields): WantedDigests {
  const wishes = (field: string, parse: (field: string, value: string) => Wish[]) => {
    try {
      const value = fieldValue(headers, field);
      return value === undefined ? [] : ordered(parse(field, value));
    } catch (error) {
      if (error instanceof SluiceError) return [];
      throw error;
    }
  };
  return {
    Digest: wishes('Want-Digest', (_, value) => parseQualities(value)),
    'Content-Digest': wishes('Want-Content-Digest', parsePreferences),
    'Repr-Digest': wishes('Want-Repr-Digest', parsePreferences),
  };
}
