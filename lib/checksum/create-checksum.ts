import { type AlgorithmName, algorithmIndex, initialValue, toHex } from '../engine/algorithms.js';
import { native } from '../native/index.js';
import { bad } from './options.js';

/** A checksum of bytes as they come, in the manner of node:crypto's Hash. Reduces in user space, with SIMD. */
export class Checksum {
  readonly algorithm: AlgorithmName;
  readonly #index: number;
  #value: bigint;
  #bytes = 0;

  constructor(algorithm: AlgorithmName) {
    this.#index = algorithmIndex(algorithm);
    this.algorithm = algorithm;
    this.#value = initialValue(algorithm);
  }

  /** Adds bytes; a string stands for its UTF-8. */
  update(data: string | ArrayBufferView): this {
    if (typeof data !== 'string' && !ArrayBuffer.isView(data))
      throw bad('Data is a string, a Buffer or another view of bytes');
    const bytes =
      typeof data === 'string'
        ? Buffer.from(data)
        : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#value = native.update(this.#index, this.#value, bytes);
    this.#bytes += bytes.byteLength;
    return this;
  }

  /** Bytes added so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The value of what was added so far. More may be added afterwards. */
  digest(): bigint;
  digest(encoding: 'hex'): string;
  digest(encoding?: 'hex'): bigint | string {
    if (encoding !== undefined && encoding !== 'hex')
      throw bad(`A digest is a bigint, or 'hex', not ${String(encoding)}`);
    return encoding === 'hex' ? toHex(this.algorithm, this.#value) : this.#value;
  }

  /** A checksum that goes on from here on its own. */
  copy(): Checksum {
    const copy = new Checksum(this.algorithm);
    copy.#value = this.#value;
    copy.#bytes = this.#bytes;
    return copy;
  }
}

/** Throws ERR_SLUICE_ALGORITHM for an unknown name. */
export function createChecksum(algorithm: AlgorithmName): Checksum {
  return new Checksum(algorithm);
}
