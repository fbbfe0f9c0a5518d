/** `x-amz-content-sha256`: what a signature of Amazon's (SigV4) is over, in place of the body. */

import { shown } from '../../shown.js';
import { type DigestFieldFormat, malformed } from './family.js';

const name = 'x-amz-content-sha256';

/** The signature covers no bytes, or those of each chunk: SigV4's words for it. */
const none =
  /^(UNSIGNED-PAYLOAD|STREAMING-(UNSIGNED-PAYLOAD-TRAILER|AWS4-(HMAC|ECDSA-P256)-SHA256-PAYLOAD(-TRAILER)?))$/;

export const payloadHash: DigestFieldFormat = {
  name,
  algorithms: ['sha256'],
  parse(value) {
    if (none.test(value)) return [];
    if (!/^[0-9a-f]{64}$/i.test(value))
      throw malformed(name, `is ${shown(value)}, neither 64 hexadecimal digits nor one of SigV4's words`);
    return [{ name: 'sha256', algorithm: 'sha256', bytes: Buffer.from(value, 'hex') }];
  },
  /** Of requests only. */
  produce: () => undefined,
};
