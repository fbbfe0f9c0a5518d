import { toHex } from '../../../engine/algorithms.js';
import type { ComposedValue, ProfileFormat } from './profile.js';

/**
 * Attributes that hold a value of 32 bits as hexadecimal text and nothing else. Eight lower-case digits are written; one
 * to eight of any case are read, because others have lost leading zeros.
 */
export function hexText({ names, attributes }: Pick<ProfileFormat, 'names' | 'attributes'>): ProfileFormat {
  return {
    names,
    attributes,
    parse(content, algorithm) {
      const text = content.toString('latin1');
      if (!/^[0-9a-f]{1,8}$/i.test(text)) return undefined;
      return [{ algorithm, value: BigInt(`0x${text}`), state: 'undated' }];
    },
    compose([single]) {
      const { algorithm, value } = single as ComposedValue;
      return Buffer.from(toHex(algorithm, value));
    },
  };
}
