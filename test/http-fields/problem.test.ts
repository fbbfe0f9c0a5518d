import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../lib/errors.js';
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

  it('is 400 in the S3 profile', () => {
    expect(problemOf(new SluiceError('ERR_SLUICE_MISMATCH', ''), { s3: true }).status).toBe(400);
    expect(problemOf(new SluiceError('ERR_SLUICE_FIELD', '')).status).toBe(400);
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
