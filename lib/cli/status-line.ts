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
