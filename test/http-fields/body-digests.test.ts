import { describe, expect, it } from 'vitest';
import { BodyDigests } from '../../lib/http/digests/body-digests.js';
import { digestAlgorithms } from '../../lib/http/fields/algorithms.js';
import { statedAlgorithms } from '../../lib/http/fields/stated.js';

const md5 = 'JfnnlDI7RTiF9RgfG2JNCw==';

describe('what must be computed', () => {
  it.each([
    ['nothing', {}, []],
    [
      'what a header states',
      { digest: 'adler32=1', 'x-amz-checksum-crc32': 'AAAAAA==' },
      ['adler32', 'crc32'],
    ],
    ['what a trailer will', { trailer: 'X-Amz-Checksum-Crc32c, Content-MD5, X-Other' }, ['crc32c', 'md5']],
    ["what Amazon's trailer will", { 'x-amz-trailer': 'x-amz-checksum-sha256' }, ['sha256']],
    [
      'all it can, where a trailer does not say',
      { trailer: 'digest' },
      digestAlgorithms.filter((name) => name !== 'crc64nvme'),
    ],
  ])('%s', (_, headers, expected) => {
    expect([...statedAlgorithms(headers)].sort()).toEqual([...expected].sort());
  });
});

describe('the digests of a body', () => {
  it('are given, wanted and stated ones', () => {
    const digests = new BodyDigests({ 'content-md5': md5 }, ['adler32']);
    digests.update(Buffer.from('12345'));
    digests.update(Buffer.from('6789'));
    expect(digests.finish()).toEqual({ adler32: 0x091e01den, md5: Buffer.from(md5, 'base64') });
  });

  it('are compared with headers and trailers', () => {
    const wrong = expect.objectContaining({ code: 'ERR_SLUICE_MISMATCH' });
    expect(() => new BodyDigests({ 'content-md5': md5 }, []).finish()).toThrow(wrong);
    expect(() => new BodyDigests({ trailer: 'Content-MD5' }, []).finish({ 'content-md5': md5 })).toThrow(
      wrong,
    );
    expect(() => new BodyDigests({}, ['adler32']).finish({ digest: 'adler32=2' })).toThrow(wrong);
  });

  it('that nobody announced, nor computed, are refused', () => {
    expect(() => new BodyDigests({}, ['adler32']).finish({ 'content-md5': md5 })).toThrow(
      expect.objectContaining({ code: 'ERR_SLUICE_FIELD' }),
    );
  });

  it.each(['Trailer', 'x-amz-trailer'])('that %s announces have to come', (field) => {
    for (const name of ['Digest', 'Content-MD5', 'x-amz-checksum-crc32', 'x-amz-checksum-xxhash64'])
      expect(() => new BodyDigests({ [field.toLowerCase()]: `X-Other, ${name}` }, []).finish({})).toThrow(
        expect.objectContaining({
          code: 'ERR_SLUICE_BODY',
          message: expect.stringContaining(name.toLowerCase()),
        }),
      );
    expect(new BodyDigests({ [field.toLowerCase()]: 'X-Other' }, []).finish({})).toEqual({});
  });

  it('that contradict each other are refused before there is a body', () => {
    expect(() => new BodyDigests({ digest: 'adler32=1, adler=2' }, [])).toThrow(
      expect.objectContaining({ code: 'ERR_SLUICE_FIELD' }),
    );
  });
});
