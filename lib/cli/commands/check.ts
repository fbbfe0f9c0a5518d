/** `sluice sum -c`: verifies the files of a list, with the words and the exit status of coreutils. */

import { SluiceError } from '../../errors/errors.js';
import { standardInput } from '../input.js';
import type { ListedChecksum } from '../lists/checksum-list.js';
import { type Expectation, type ListOptions, readList } from '../lists/read-list.js';
import { explainNone, Untagged } from '../lists/taken-for.js';
import { escapeName } from '../output/format.js';
import { Progress } from '../output/progress.js';
import { quoteName } from '../output/quote.js';
import { complain } from '../output/terminal.js';
import { type Summed, type SumOptions, sumSources } from '../sources.js';

export interface CheckOptions extends Omit<SumOptions, 'algorithms' | 'onProgress'>, ListOptions {
  /** It was said, by -a, what a checksum without a tag is. */
  named: boolean;
  /** Says nothing of files that are as they should be. */
  quiet: boolean;
  /** Says nothing of files at all. */
  status: boolean;
  /** A line of no known layout is a failure. */
  strict: boolean;
  /** Says which lines have no known layout. */
  warn: boolean;
  /** Files that don't exist are no failure. */
  ignoreMissing: boolean;
}

function warning(count: number, one: string, many: string): void {
  if (count > 0) complain(`WARNING: ${count} ${count === 1 ? one : many}`);
}

/** What becomes of each file, in the order of the list. */
async function* sumListed(
  expectations: readonly Expectation[],
  options: SumOptions,
): AsyncGenerator<Summed & { lines: readonly ListedChecksum[] }, void, undefined> {
  const files = expectations.filter(({ error }) => !error).map(({ name }) => name);
  const sums = sumSources(files, options);
  try {
    for (const { name, lines, error } of expectations) {
      if (error) yield { name, lines, error };
      else yield { ...((await sums.next()).value as Summed), lines };
    }
  } finally {
    await sums.return();
  }
}

/** Verifies what one list says. Returns whether all is well. */
async function checkList(listName: string, options: CheckOptions): Promise<boolean> {
  const shownName = quoteName(listName === standardInput ? 'standard input' : listName);
  const list = await readList(listName, options, (line) => {
    if (options.warn) complain(`${shownName}: ${line}: improperly formatted checksum line`);
  });
  const { expectations, misformatted } = list;
  if (expectations.length === 0) {
    complain(`${shownName}: no properly formatted checksum lines found`);
    const explanation = explainNone(list);
    if (explanation !== undefined) complain(`${shownName}: ${explanation}`);
    return false;
  }
  const names = expectations.map(({ name }) => name);
  // Each file is read once, whichever of them is asked of it.
  const algorithms = [
    ...new Set(expectations.flatMap(({ lines }) => lines.map(({ algorithm }) => algorithm))),
  ];
  const progress = new Progress(names);
  const onProgress = (bytes: number) => progress.onBytes(bytes);
  let [matched, mismatched, unreadable] = [0, 0, 0];
  const untagged = new Untagged();
  try {
    for await (const summed of sumListed(expectations, { ...options, algorithms, onProgress })) {
      const { name, lines, result, error } = summed;
      const missing = error?.code === 'ERR_SLUICE_NOT_FOUND';
      const verdicts = lines.map((line) => {
        if (error) return missing && options.ignoreMissing ? undefined : 'FAILED open or read';
        const matches = result.checksums[line.algorithm]?.hex === line.hex;
        untagged.add(line, summed, matches);
        return matches ? 'OK' : 'FAILED';
      });
      progress.onFile(() => {
        if (error && !(missing && options.ignoreMissing)) complain(error);
        // As in coreutils, where a backslash alone is no reason to escape.
        const { text } = name.includes('\n') ? escapeName(name) : { text: name };
        const shown = text === name ? name : `\\${text}`;
        for (const verdict of verdicts) {
          if (verdict && !options.status && !(options.quiet && verdict === 'OK')) {
            process.stdout.write(`${shown}: ${verdict}\n`);
          }
        }
      });
      matched += verdicts.filter((verdict) => verdict === 'OK').length;
      mismatched += verdicts.filter((verdict) => verdict === 'FAILED').length;
      unreadable += verdicts.filter((verdict) => verdict === 'FAILED open or read').length;
    }
  } finally {
    progress.stop();
  }
  if (!options.status) {
    warning(misformatted, 'line is improperly formatted', 'lines are improperly formatted');
    warning(unreadable, 'listed file could not be read', 'listed files could not be read');
    warning(mismatched, 'computed checksum did NOT match', 'computed checksums did NOT match');
    if (options.ignoreMissing && matched === 0) complain(`${shownName}: no file was verified`);
    const explanation = await untagged.explain(options);
    if (explanation !== undefined) complain(`${shownName}: ${explanation}`);
  }
  return matched > 0 && mismatched === 0 && unreadable === 0 && !(options.strict && misformatted > 0);
}

/**
 * Verifies what the lists say. Returns whether all is well.
 *
 * @throws SluiceError ERR_SLUICE_ABORTED when the signal fires
 */
export async function check(lists: readonly string[], options: CheckOptions): Promise<boolean> {
  let well = true;
  for (const list of lists) {
    try {
      if (!(await checkList(list, options))) well = false;
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code === 'ERR_SLUICE_ABORTED') throw error;
      complain(error);
      well = false;
    }
  }
  return well;
}
