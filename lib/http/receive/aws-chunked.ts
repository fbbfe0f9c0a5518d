/** Takes off `Content-Encoding: aws-chunked`, in which the SDKs of S3 send a body with trailers (SigV4 streaming). */

import { Transform, type TransformCallback } from 'node:stream';
import { SluiceError } from '../../errors/errors.js';
import { malformed } from '../fields/family.js';
import { elements, type Fields, fieldValue } from '../fields/value.js';

/** The longest line between the chunks; a signature takes 90 characters, the longest digest 120. */
const longestLine = 1024;

function broken(reason: string): SluiceError {
  return new SluiceError('ERR_SLUICE_BODY', `The aws-chunked body ${reason}`);
}

/** Whether a request's body has the encoding: some SDKs say so only by what they put in place of its SHA-256. */
export function isAwsChunked(headers: Fields): boolean {
  const encodings = elements(fieldValue(headers, 'Content-Encoding') ?? '');
  return (
    encodings.some((each) => each.toLowerCase() === 'aws-chunked') ||
    (fieldValue(headers, 'x-amz-content-sha256') ?? '').startsWith('STREAMING-')
  );
}

/**
 * Throws ERR_SLUICE_FIELD for fields that only an aws-chunked body has, where nothing says that the body is one, and where
 * it is said twice. Stored as it came it might be chunks, and a digest that was announced would never come.
 */
export function checkAwsChunked(headers: Fields): void {
  const encodings = elements(fieldValue(headers, 'Content-Encoding') ?? '').map((each) => each.toLowerCase());
  if (encodings.filter((each) => each === 'aws-chunked').length > 1)
    throw malformed('Content-Encoding', 'has aws-chunked twice');
  if (isAwsChunked(headers)) return;
  for (const name of ['x-amz-decoded-content-length', 'x-amz-trailer']) {
    if (fieldValue(headers, name) !== undefined)
      throw malformed(
        name,
        'is only for aws-chunked bodies, which Content-Encoding does not say this one is',
      );
  }
}

/**
 * A Transform from an aws-chunked body to the object's bytes. It ends with ERR_SLUICE_BODY unless the framing is right
 * to the last byte, `x-amz-decoded-content-length` bytes came, and just the trailers came that `x-amz-trailer` names.
 * Signatures of chunks are not verified: that needs the secret, which is the business of whoever authenticates.
 */
export class AwsChunkedDecoder extends Transform {
  /** Fields that came behind the last chunk, complete when the stream has ended. */
  readonly trailers: Record<string, string> = {};
  readonly #announced: ReadonlySet<string>;
  readonly #length: number;
  #state: 'size' | 'data' | 'data end' | 'trailer' | 'over' = 'size';
  /** Bytes of the current chunk that are still to come. */
  #remaining = 0;
  #decoded = 0;
  #line = '';

  /** Throws ERR_SLUICE_FIELD if the headers don't say how long the object is. */
  constructor(headers: Fields) {
    super();
    const length = fieldValue(headers, 'x-amz-decoded-content-length') ?? '';
    if (!/^\d{1,15}$/.test(length))
      throw malformed('x-amz-decoded-content-length', 'must say how many bytes an aws-chunked body holds');
    this.#length = Number(length);
    this.#announced = new Set(
      elements(fieldValue(headers, 'x-amz-trailer') ?? '').map((each) => each.toLowerCase()),
    );
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#take(chunk);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    done(this.#state === 'over' ? null : broken('ended before its last chunk'));
  }

  #take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#state === 'over') throw broken('goes on behind its end');
      if (this.#state === 'data') {
        const bytes = chunk.subarray(at, at + this.#remaining);
        this.push(bytes);
        at += bytes.length;
        this.#remaining -= bytes.length;
        if (this.#remaining === 0) this.#state = 'data end';
        continue;
      }
      const end = chunk.indexOf(0x0a, at);
      this.#line += chunk.toString('latin1', at, end < 0 ? chunk.length : end);
      if (this.#line.length > longestLine) throw broken('has a line that is too long');
      if (end < 0) return;
      at = end + 1;
      const line = this.#line;
      this.#line = '';
      this.#takeLine(line);
    }
  }

  /** @param line without the line feed */
  #takeLine(line: string): void {
    // Amazon's own examples end trailers with a bare line feed; chunks never do.
    if (this.#state === 'trailer') {
      const text = line.replace(/\r$/, '');
      if (text === '') this.#finish();
      else this.#takeTrailer(text);
      return;
    }
    if (!line.endsWith('\r')) throw broken('has a line that does not end with CR LF');
    if (this.#state === 'data end') {
      if (line !== '\r') throw broken('has a chunk that is longer than it says');
      this.#state = 'size';
      return;
    }
    const [, digits] = /^0*([0-9a-f]{1,13})(?:;[\x20-\x7e]*)?\r$/i.exec(line) ?? [];
    if (digits === undefined) throw broken('has a chunk without a size');
    this.#remaining = Number.parseInt(digits, 16);
    this.#decoded += this.#remaining;
    if (this.#decoded > this.#length)
      throw broken(`holds more than the ${this.#length} bytes that x-amz-decoded-content-length announces`);
    this.#state = this.#remaining === 0 ? 'trailer' : 'data';
  }

  #takeTrailer(line: string): void {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\x21-\x7e]*)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw broken('has a trailer that is not NAME:VALUE');
    const key = name.toLowerCase();
    if (!this.#announced.has(key) && key !== 'x-amz-trailer-signature')
      throw broken(`has the trailer ${key}, which x-amz-trailer does not announce`);
    if (Object.hasOwn(this.trailers, key)) throw broken(`has the trailer ${key} twice`);
    this.trailers[key] = value;
  }

  #finish(): void {
    if (this.#decoded !== this.#length)
      throw broken(
        `holds ${this.#decoded} bytes, not the ${this.#length} that x-amz-decoded-content-length announces`,
      );
    for (const name of this.#announced) {
      if (!Object.hasOwn(this.trailers, name))
        throw broken(`lacks the trailer ${name} that x-amz-trailer announces`);
    }
    this.#state = 'over';
  }
}
