/** Programs that we are compared with read with the buffer that suits them: each size is a form of the contestant. */

import { binarySize, KiB } from './binary-size.js';
import type { Contestant } from './rounds.js';

/** In bytes: from what leaves room in the second cache to what fits into none. */
export const bufferSizes: readonly number[] = [64, 128, 256, 512, 1024, 2048, 4096].map(
  (count) => count * KiB,
);

/** One form for each size of its buffer, in bytes. */
export function byBufferSize(make: (size: number) => Contestant): Contestant[] {
  return bufferSizes.map((size) => {
    const contestant = make(size);
    return { ...contestant, parameters: { ...contestant.parameters, buffer: size } };
  });
}

/** A row's name for people: with the buffer that was found to suit it. */
export function labelOf({ name, parameters }: { name: string; parameters: { buffer?: number } }): string {
  const { buffer } = parameters;
  return buffer === undefined ? name : `${name}, ${binarySize(buffer)}`;
}
