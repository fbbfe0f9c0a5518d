import { createReadStream } from 'node:fs';
import { BodySums } from '../digests/body-sums.js';
import type { DigestAlgorithm, DigestValues } from '../fields/algorithms.js';
import { checkStatedDigests } from '../fields/check.js';
import { malformed } from '../fields/family.js';
import type { StatedDigest } from '../fields/stated.js';

async function readBack(fd: number, algorithms: readonly DigestAlgorithm[]): Promise<DigestValues> {
  const sums = new BodySums(algorithms);
  for await (const chunk of createReadStream('', { fd, start: 0, autoClose: false })) sums.update(chunk);
  return sums.values();
}

/** The values of what is stored, held against what was stated of it and of the body as it was sent. */
export async function verified(
  fd: number,
  digests: readonly StatedDigest[],
  stored: DigestValues,
  sent: DigestValues = stored,
): Promise<DigestValues> {
  // What a trailer states by an algorithm that nobody announced is computed from the file.
  const late = digests.map(({ algorithm }) => algorithm).filter((algorithm) => !(algorithm in stored));
  const more = late.length > 0 ? await readBack(fd, late) : {};
  const values = { ...stored, ...more };
  const encoded = sent === stored ? values : sent;
  const content = digests.filter(({ covers }) => covers === 'content');
  const unknown = content.find(({ algorithm }) => !(algorithm in encoded));
  if (unknown) throw malformed(unknown.field, 'came behind a body whose encoding had been taken off by then');
  checkStatedDigests(content, encoded);
  checkStatedDigests(
    digests.filter(({ covers }) => covers === 'object'),
    values,
  );
  return values;
}
