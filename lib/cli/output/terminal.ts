/** What the command line says to people, and how it is interrupted. */

import { errnoOf, hasNoReader } from '../../errors/errno.js';
import { SluiceError } from '../../errors/errors.js';
import { quotedSentencesOf } from './advice.js';

/** Of 24 lines of 80 characters each. */
const screenful = 24 * 80;

/** A text that steers no terminal: control characters are shown, not obeyed. */
export function harmless(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/**
 * Writes a message to standard error. Names may hold anything, and as much as they like: of more than a screenful the
 * beginning and the end are shown.
 */
export function complain(what: string | SluiceError, program = 'sluice'): void {
  const shown = harmless(what instanceof SluiceError ? quotedSentencesOf(what) : what);
  const half = screenful / 2;
  const short = shown.length > screenful ? `${shown.slice(0, half)} […] ${shown.slice(-half)}` : shown;
  process.stderr.write(`${program}: ${short}\n`);
}

/** Fires at the first of these signals, by default SIGINT; a second one of its kind ends the process at once. */
export function interruptSignal(...names: NodeJS.Signals[]): AbortSignal {
  const controller = new AbortController();
  for (const name of names.length > 0 ? names : (['SIGINT'] as const)) {
    process.once(name, () => controller.abort());
  }
  return controller.signal;
}

/** Ends the process where standard output can't be written: quietly if its reader has gone, as SIGPIPE would. */
export function endOnLostOutput(): void {
  process.stdout.on('error', async (error: NodeJS.ErrnoException) => {
    const SIGPIPE = 13;
    if (hasNoReader(error)) process.exit(128 + SIGPIPE);
    // Not imported above, because it loads the addon, whose absence must end in a sentence too.
    const { systemErrorText } = await import('../../system/system-error.js');
    const [reason = ''] = systemErrorText(errnoOf(error) ?? 0).split(', ');
    complain(`write error: ${reason.replace(/^./, (letter) => letter.toUpperCase())}`); // as coreutils say it
    process.exit(1);
  });
}
