/** `Digest` of RFC 3230, which RFC 9530 made obsolete and every storage element of WLCG speaks. */

import { shown } from '../../shown.js';
import { algorithmNamed, algorithmsOf, type DigestAlgorithm, digestSize, nameOf } from './algorithms.js';
import { type DigestFieldFormat, fromBase64, fromHex, malformed, type Statement } from './family.js';
import { elements } from './value.js';

/** The registry gives checksums as hexadecimal and hashes as base64. */
function isHex(algorithm: DigestAlgorithm): boolean {
  return digestSize(algorithm) <= 8;
}

function parseOne(element: string): Statement {
  const [, name, text] = /^([!#$%&'*+.^_`|~\w-]+)=(\S+)$/.exec(element) ?? [];
  if (name === undefined || text === undefined)
    throw malformed('Digest', `has ${shown(element)} where ALGORITHM=VALUE belongs`);
  const algorithm = algorithmNamed('digest', name);
  if (algorithm === undefined) return { name, bytes: Buffer.alloc(0) };
  const size = digestSize(algorithm);
  const bytes = isHex(algorithm) ? fromHex(text, size) : fromBase64(text, size);
  if (bytes === undefined) {
    const form = isHex(algorithm) ? `1 to ${2 * size} hexadecimal digits` : `${size} bytes in base64`;
    throw malformed('Digest', `states ${shown(text)} for ${name}, which takes ${form}`);
  }
  return { name, algorithm, bytes };
}

export const digest: DigestFieldFormat = {
  name: 'Digest',
  algorithms: algorithmsOf('digest'),
  parse: (value) => elements(value).map(parseOne),
  produce(digests) {
    const stated = digests.flatMap(([algorithm, bytes]) => {
      const name = nameOf('digest', algorithm);
      return name === undefined ? [] : [`${name}=${bytes.toString(isHex(algorithm) ? 'hex' : 'base64')}`];
    });
    return stated.length > 0 ? stated.join(',') : undefined;
  },
};
