import { describe, expect, it } from 'vitest';
import { SluiceError, type SluiceErrorCode } from '../../lib/errors/errors.js';
import { problemOf } from '../../lib/http/problem.js';

describe('a problem', () => {
  it('of the client is told in full', () => {
    const { status, headers, body } = problemOf(new SluiceError('ERR_SLUICE_MISMATCH', 'It is 1, not 2'));
    expect(JSON.parse(body)).toEqual({
      type: 'about:blank',
      title: 'Precondition Failed',
      status: 412,
      code: 'ERR_SLUICE_MISMATCH',
      detail: 'It is 1, not 2. Send it again; if that does not help, sum the original anew.',
    });
    expect(status).toBe(412);
    expect(headers).toEqual({
      'Content-Type': 'application/problem+json',
      'Content-Length': String(Buffer.byteLength(body)),
    });
  });

  it("for S3 is XML, with S3's code and status, and names no place of the server's", () => {
    const error = new SluiceError('ERR_SLUICE_MISMATCH', `It is <1> & 'not' "2", \u0001\uffff\ud800`);
    const { status, headers, body, fault } = problemOf(error, { s3: true });
    const id = headers['x-amz-request-id'];
    expect(id).toMatch(/^[0-9A-F]{16}$/);
    const message =
      'It is &#60;1&#62; &#38; &#39;not&#39; &#34;2&#34;, \ufffd\ufffd\ufffd. Send it again; if that does not help, sum the original anew.';
    expect(body).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>BadDigest</Code><Message>${message}</Message><RequestId>${id}</RequestId></Error>`,
    );
    expect({ status, fault }).toEqual({ status: 400, fault: false });
    expect(headers).toMatchObject({
      'Content-Type': 'application/xml',
      'Content-Length': String(Buffer.byteLength(body)),
    });
    const missing = new SluiceError('ERR_SLUICE_NOT_FOUND', '/srv/secret is not there', {
      path: '/srv/secret',
    });
    expect(problemOf(missing, { s3: true }).body).not.toContain('secret');
    expect(problemOf(new TypeError('/srv/secret'), { s3: true }).body).not.toContain('secret');
  });

  it.each<[SluiceErrorCode, number, number, string]>([
    ['ERR_SLUICE_FIELD', 400, 400, 'InvalidArgument'],
    ['ERR_SLUICE_TARGET', 400, 400, 'InvalidURI'],
    ['ERR_SLUICE_BODY', 400, 400, 'IncompleteBody'],
    ['ERR_SLUICE_DISCONNECTED', 400, 400, 'IncompleteBody'],
    ['ERR_SLUICE_MISMATCH', 412, 400, 'BadDigest'],
    ['ERR_SLUICE_PERMISSION', 403, 403, 'AccessDenied'],
    ['ERR_SLUICE_OUTSIDE', 403, 403, 'AccessDenied'],
    ['ERR_SLUICE_RESERVED', 403, 403, 'AccessDenied'],
    ['ERR_SLUICE_NOT_FOUND', 404, 404, 'NoSuchKey'],
    ['ERR_SLUICE_TIMEOUT', 408, 400, 'RequestTimeout'],
    ['ERR_SLUICE_NO_FOLDER', 409, 409, 'InvalidBucketState'],
    ['ERR_SLUICE_IS_DIRECTORY', 409, 409, 'InvalidBucketState'],
    ['ERR_SLUICE_NOT_A_FILE', 409, 409, 'InvalidBucketState'],
    ['ERR_SLUICE_CHANGED', 409, 409, 'OperationAborted'],
    ['ERR_SLUICE_PRECONDITION', 412, 412, 'PreconditionFailed'],
    ['ERR_SLUICE_TOO_LARGE', 413, 400, 'EntityTooLarge'],
    ['ERR_SLUICE_TOO_LONG', 414, 400, 'KeyTooLongError'],
    ['ERR_SLUICE_RANGE', 416, 416, 'InvalidRange'],
    ['ERR_SLUICE_WRITER', 423, 409, 'OperationAborted'],
    ['ERR_SLUICE_IO', 500, 500, 'InternalError'],
    ['ERR_SLUICE_OPTION', 500, 500, 'InternalError'],
    ['ERR_SLUICE_CORRUPT', 500, 500, 'InternalError'],
    ['ERR_SLUICE_UNSUPPORTED', 501, 501, 'NotImplemented'],
    ['ERR_SLUICE_BUSY', 503, 503, 'SlowDown'],
    ['ERR_SLUICE_LIMIT', 503, 503, 'SlowDown'],
    ['ERR_SLUICE_NO_SPACE', 507, 507, 'InsufficientStorage'],
  ])('%s is %i, and %i with %s for S3', (code, status, s3Status, s3Code) => {
    const error = new SluiceError(code, 'It is so');
    const plain = problemOf(error);
    expect(plain.status).toBe(status);
    const s3 = problemOf(error, { s3: true });
    expect(s3.status).toBe(s3Status);
    expect(s3.body).toContain(`<Code>${s3Code}</Code>`);
    expect(s3.fault).toBe(plain.fault);
    for (const name of ['Retry-After', 'Connection'] as const)
      expect(s3.headers[name]).toBe(plain.headers[name]);
  });

  it('of the server keeps its paths and faults to itself', () => {
    for (const error of [
      new SluiceError('ERR_SLUICE_NOT_FOUND', '/srv/secret does not exist', { path: '/srv/secret' }),
      new SluiceError('ERR_SLUICE_IO', '/srv/secret could not be read'),
      new SluiceError('ERR_SLUICE_LIMIT', '/srv/secret could not be opened'),
      Object.assign(new Error('ENOSPC: no space left on device, write /srv/secret'), { code: 'ENOSPC' }),
      new TypeError('/srv/secret is not a function'),
      undefined,
    ]) {
      expect(problemOf(error).body).not.toContain('secret');
    }
  });

  it.each([
    ['ENOSPC', 507],
    ['EDQUOT', 507],
    ['EMFILE', 503],
    ['EIO', 500],
  ])('of the system with %s is %i', (code, status) => {
    expect(problemOf(Object.assign(new Error(code), { code })).status).toBe(status);
  });
});
