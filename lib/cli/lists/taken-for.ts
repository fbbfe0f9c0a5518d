/** What to say where no checksum without a tag matched: they may be of another algorithm with as many digits. */

import { type AlgorithmName, algorithms } from '../../engine/algorithms.js';
import { standardInput } from '../input.js';
import { quoteName } from '../output/quote.js';
import { type Summed, type SumOptions, sumSources } from '../sources.js';
import { digits, type ListedChecksum } from './checksum-list.js';
import type { List } from './read-list.js';

/** In bytes. A larger file is not read a second time only to say more. */
const small = 64 * 2 ** 20;

type Other = Omit<SumOptions, 'algorithms' | 'onProgress'>;

/** Collects what became of the lines of a list that have no tag. */
export class Untagged {
  #matched = false;
  /** Of which algorithms those seem to be that did not match. */
  readonly #taken = new Set<AlgorithmName>();
  /** The smallest of the files that did not match, and is not empty: the quickest to try again. */
  #sample: { line: ListedChecksum; bytes: number } | undefined;

  /** @param matches whether the file, which could be summed, has this checksum */
  add(line: ListedChecksum, { result }: Summed, matches: boolean): void {
    if (!line.untagged || !result) return;
    this.#matched ||= matches;
    if (matches) return;
    this.#taken.add(line.algorithm);
    const { bytes } = result;
    const isKept = line.name !== standardInput && bytes > 0 && bytes <= small;
    if (isKept && bytes < (this.#sample?.bytes ?? Number.POSITIVE_INFINITY)) this.#sample = { line, bytes };
  }

  /** A sentence without an end, or undefined where there is nothing to explain. */
  async explain(options: Other & { named: boolean }): Promise<string | undefined> {
    if (this.#matched || this.#taken.size === 0) return undefined;
    const taken = [...this.#taken].join(' and ');
    const right = await this.#right(options);
    const by = options.named ? 'as -a says' : 'by their number of digits';
    const advice = right ?? 'if they are of another algorithm, name it with -a';
    return `no checksum without a tag matched; they were taken for ${taken}, ${by}: ${advice}`;
  }

  /** Of which algorithm the sample's checksum is. */
  async #right(options: Other): Promise<string | undefined> {
    if (!this.#sample) return undefined;
    const { name, hex, algorithm } = this.#sample.line;
    const others = algorithms.filter((each) => each !== algorithm && digits(each) === hex.length);
    if (others.length === 0) return undefined;
    for await (const { result } of sumSources([name], { ...options, algorithms: others, onProgress() {} })) {
      const right = others.find((each) => result?.checksums[each]?.hex === hex);
      if (right) return `that of ${quoteName(name)} is its ${right}, so verify them with -a ${right}`;
    }
    return undefined;
  }
}

/** What to say of a list without a line that could be understood; undefined where there is nothing to explain. */
export function explainNone({
  otherDigits,
  resemblesSfv,
}: Pick<List, 'otherDigits' | 'resemblesSfv'>): string | undefined {
  if (otherDigits !== undefined) return explainDigits(otherDigits);
  return resemblesSfv
    ? 'its lines are as in an SFV file, which is known by its name: name the file, which ends with .sfv'
    : undefined;
}

/** Where untagged checksums have a number of digits that none of the algorithms looked for has. */
function explainDigits(count: number): string {
  const have = algorithms.filter((each) => digits(each) === count);
  const what = `its checksums have ${count} digits`;
  return have.length > 0
    ? `${what}, as those of ${have.join(', ')} have: name the algorithm with -a`
    : `${what}, which is none of ${algorithms.join(', ')}`;
}
