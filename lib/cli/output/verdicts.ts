/** What became of the verification of a file, in words and as JSON. */

import type { SluiceError } from '../../errors/errors.js';
import type { MalformedChecksum, StoredChecksum, Verification } from '../../files/xattr/index.js';
import { verdictOnError } from '../../scrub/totals.js';
import { sentencesOf } from './advice.js';
import { escapeName } from './format.js';

/** A file and its verification, or why there is none. */
export type Verified = { name: string } & (
  | { verification: Verification; error?: never }
  | { error: SluiceError; verification?: never }
);

/** One stored value as an object; the value in hexadecimal only, because JSON's numbers hold 53 bits. */
export function storedToJson(each: StoredChecksum | MalformedChecksum): object {
  if (each.state === 'malformed') return each;
  const { value: _, ...rest } = each;
  return rest;
}

export function verifiedToJson({ name, verification, error }: Verified): object {
  if (error)
    return { name, verdict: verdictOnError(error), error: { code: error.code, message: error.message } };
  const { verdict, bytes, cache, checksums, markFailure } = verification;
  const { code, message } = markFailure ?? {};
  return {
    name,
    verdict,
    bytes,
    cache,
    checksums: checksums.map(storedToJson),
    ...(markFailure && { markFailure: { code, message } }),
  };
}

/** Why the verdict is what it is; nothing where that is plain. */
function reasons({ verdict, checksums, markFailure }: Verification): string {
  const found = checksums.flatMap((each) => {
    if (each.state === 'malformed') return verdict === 'malformed' ? [each.attribute] : [];
    const what = `${each.profile} ${each.algorithm} ${each.hex}`;
    if (verdict === 'stale' && each.state === 'stale') return [what];
    if (verdict !== 'rot' || !('computed' in each) || each.computed === each.hex) return [];
    const undated = each.state === 'undated' ? ' (or it was changed: this profile keeps no time)' : '';
    return [`${what}, but the file has ${each.computed}${undated}`];
  });
  if (verdict === 'rot' && found.length === 0)
    found.push('found before, and no value is left to verify it by');
  if (markFailure) {
    const what = verdict === 'rot' ? 'set: servers will still send it' : 'removed: servers will not send it';
    found.push(`the mark of rot could not be ${what}: ${escapeName(markFailure.message).text}`);
  }
  return found.length === 0 ? '' : `: ${found.join('; ')}`;
}

/** The file's line. */
export function verifiedLine({ name, verification, error }: Verified): string {
  const { text, escaped } = escapeName(name);
  const shown = `${escaped ? '\\' : ''}${text}`;
  if (error) {
    const verdict = verdictOnError(error);
    return `${shown}: ${verdict}${verdict === 'busy' ? '' : `: ${escapeName(sentencesOf(error)).text}`}\n`;
  }
  return `${shown}: ${verification.verdict}${reasons(verification)}\n`;
}
