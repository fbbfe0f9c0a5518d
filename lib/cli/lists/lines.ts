/** Cuts a stream of bytes into lines. */

/** In bytes. No line of a name that can be opened is longer: a list without line ends is no list, and is not kept. */
const longestLine = 1 << 20;

export interface Line {
  /** Without the terminator; the first MiB of what is longer. */
  bytes: Buffer;
  /** It is all there: no longer than 1 MiB. */
  whole: boolean;
  /** False of a last line that just ends. */
  terminated: boolean;
}

/** Cuts bytes into lines, the last of which may lack its terminator. What a line of more than 1 MiB holds is let go. */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  terminator: '\n' | '\0',
): AsyncGenerator<Line, void, undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  const keep = (piece: Buffer) => {
    if (length < longestLine) pieces.push(piece.subarray(0, longestLine - length));
    length += piece.length;
  };
  const take = (terminated: boolean): Line => {
    const line = { bytes: Buffer.concat(pieces), whole: length <= longestLine, terminated };
    pieces.length = 0;
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(terminator); end >= 0; end = chunk.indexOf(terminator, start)) {
      keep(chunk.subarray(start, end));
      yield take(true);
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }
  if (length > 0) yield take(false);
}
