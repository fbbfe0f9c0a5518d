/** What to do about an error, said to a person at a terminal: most remedies of the table are, others speak to programs. */

import { SluiceError, type SluiceErrorCode } from '../../errors/errors.js';
import { quoteName } from './quote.js';

type Advice = Readonly<Partial<Record<SluiceErrorCode, string>>>;

const advice: Advice = {
  ERR_SLUICE_NOT_A_FILE: 'Name a regular file.',
  ERR_SLUICE_BAD_DESCRIPTOR: 'Redirect it from a file or a pipe, or name a FILE.',
  ERR_SLUICE_VERIFIER: "Use '--engine userspace', and report it with the output of 'sluice probe'.",
  ERR_SLUICE_BPF: "Use '--engine userspace'; 'sluice probe' shows what is missing.",
};

/** Where a command's errors have remedies of their own. */
const adviceOf: Readonly<Record<string, Advice>> = {
  sum: {
    ERR_SLUICE_NOT_A_FILE: "Name a regular file; 'sluice sum -' sums a stream, from standard input.",
  },
  copy: {
    ERR_SLUICE_IS_DIRECTORY: 'Name one file: folders are not copied.',
    ERR_SLUICE_CHANGED: 'Copy it again once nobody writes to it.',
    ERR_SLUICE_WRITER: 'Wait until the writer has closed it, then copy it.',
  },
};

let running: string | undefined;

/** Says which command of `sluice` this process runs. */
export function nameCommand(name: string): void {
  running = name;
}

/** `sluice`, or `sluice COMMAND`. */
export function programName(): string {
  return running === undefined ? 'sluice' : `sluice ${running}`;
}

/** Where a command line that is wrong sends its reader. */
export function tryHelp(program: string): string {
  return `Try '${program} --help' for more information.`;
}

function remedyOf({ code, remedy }: SluiceError): string {
  if (remedy !== new SluiceError(code, '').remedy) return remedy; // it was made for this very case
  if (code === 'ERR_SLUICE_OPTION') return tryHelp(programName());
  return adviceOf[running ?? '']?.[code] ?? advice[code] ?? remedy;
}

/** What happened, and what to do about it. */
export function sentencesOf(error: SluiceError): string {
  return `${error.reason}. ${remedyOf(error)}`;
}

/** A text with the names quoted wherever they stand as words; where one begins another, the longer is meant. */
function withQuoted(text: string, names: readonly string[]): string {
  if (names.length === 0) return text;
  const sorted = [...names].sort((a, b) => b.length - a.length);
  const any = sorted.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
  return text.replace(new RegExp(`(?<=^|\\s)(?:${any})(?=$|[\\s.,:;])`, 'g'), (name) => quoteName(name));
}

/** As sentencesOf(), with the names of its files quoted. */
export function quotedSentencesOf(error: SluiceError): string {
  const sentences = sentencesOf(error);
  const { path, dest } = error;
  if (path === '') return sentences.replace(/(^|\s)(?=\s)/, `$1${quoteName(path)}`);
  const names = [path, dest].filter((name) => name !== undefined && quoteName(name) !== name);
  return withQuoted(sentences, names as string[]);
}
