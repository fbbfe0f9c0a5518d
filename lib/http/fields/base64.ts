/** Fields that hold one digest, in base64: `Content-MD5` of RFC 1864 and Amazon's `x-amz-checksum-…`. */

import { shown } from '../../shown.js';
import { type DigestAlgorithm, digestAlgorithms, digestSize, nameOf } from './algorithms.js';
import { type DigestFieldFormat, fromBase64, malformed } from './family.js';

function format(name: string, algorithm: DigestAlgorithm): DigestFieldFormat {
  const size = digestSize(algorithm);
  return {
    name,
    algorithms: [algorithm],
    parse(value) {
      const bytes = fromBase64(value, size);
      if (bytes === undefined) throw malformed(name, `is ${shown(value)}, not ${size} bytes in base64`);
      return [{ name: algorithm, algorithm, bytes }];
    },
    produce: (digests) => digests.find(([each]) => each === algorithm)?.[1].toString('base64'),
  };
}

export const contentMd5: DigestFieldFormat = format('Content-MD5', 'md5');

/** One field for each algorithm that S3 knows. */
export const amazonChecksums: readonly DigestFieldFormat[] = digestAlgorithms.flatMap((algorithm) => {
  const suffix = nameOf('s3', algorithm);
  return suffix === undefined ? [] : [format(`x-amz-checksum-${suffix}`, algorithm)];
});

/** With what S3 says besides where it states checksums: that they are of the object, not of the checksums of its parts. */
export function withChecksumType(fields: Record<string, string>): Record<string, string> {
  const states = amazonChecksums.some(({ name }) => name in fields);
  return states ? { ...fields, 'x-amz-checksum-type': 'FULL_OBJECT' } : fields;
}
