/** What the command line says to people, and how it is interrupted. */

/** Of 24 lines of 80 characters each. */
const screenful = 24 * 80;

/**
 * Writes a message to standard error. Names may hold anything, and as much as they like: what would steer a terminal is
 * shown, not obeyed, and of more than a screenful the beginning and the end are.
 */
export function complain(message: string): void {
  const shown = message.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
  const half = screenful / 2;
  const short = shown.length > screenful ? `${shown.slice(0, half)} […] ${shown.slice(-half)}` : shown;
  process.stderr.write(`sluice: ${short}\n`);
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
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    const SIGPIPE = 13;
    if (error.code === 'EPIPE') process.exit(128 + SIGPIPE);
    complain(`Standard output could not be written (${error.message}). Make room, or write it elsewhere.`);
    process.exit(1);
  });
}
