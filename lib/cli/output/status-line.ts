/**
 * A line on a terminal that each text replaces, and '' takes away. Writes nothing where the stream is not a terminal, or
 * is one that can't go back in a line.
 */
export function statusLine(stream: NodeJS.WriteStream = process.stderr): (text: string) => void {
  const { TERM } = process.env;
  if (!stream.isTTY || TERM === 'dumb') return () => {};
  return (text) => {
    // A terminal that does not tell its width says 0. The last column stays free: some terminals wrap there.
    const width = (stream.columns || 80) - 1;
    stream.write(`\r\u001b[K${text.slice(0, width)}`);
  };
}

/** For a log: a line a minute, the first after a minute, so that somebody who waits knows that it goes on. */
export function minutely(
  write: (text: string) => void,
  now: () => number = Date.now,
): (text: string) => void {
  const start = now();
  let minutes = 0;
  return (text) => {
    const passed = Math.floor((now() - start) / 60_000);
    if (text === '' || passed <= minutes) return;
    minutes = passed;
    write(`${passed} min: ${text}`);
  };
}
