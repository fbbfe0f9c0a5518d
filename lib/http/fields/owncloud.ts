/** `OC-Checksum` of ownCloud and Nextcloud: `ADLER32:03fc019d`. */

import { shown } from '../../shown.js';
import { algorithmNamed, algorithmsOf, digestSize, nameOf } from './algorithms.js';
import { type DigestFieldFormat, fromHex, malformed } from './family.js';

export const ocChecksum: DigestFieldFormat = {
  name: 'OC-Checksum',
  algorithms: algorithmsOf('owncloud'),
  parse(value) {
    const [, name, text] = /^([A-Za-z0-9-]+):([^\s:,]+)$/.exec(value) ?? [];
    if (name === undefined || text === undefined)
      throw malformed('OC-Checksum', `is ${shown(value)}, not ALGORITHM:VALUE`);
    const algorithm = algorithmNamed('owncloud', name);
    if (algorithm === undefined) return [{ name, bytes: Buffer.alloc(0) }];
    const bytes = fromHex(text, digestSize(algorithm));
    if (bytes === undefined) throw malformed('OC-Checksum', `states ${shown(text)}, which no ${name} is`);
    return [{ name, algorithm, bytes }];
  },
  /** The field holds one digest: the first that has a name. */
  produce(digests) {
    for (const [algorithm, bytes] of digests) {
      const name = nameOf('owncloud', algorithm);
      if (name !== undefined) return `${name}:${bytes.toString('hex')}`;
    }
    return undefined;
  },
};
