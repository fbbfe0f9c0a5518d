import { execFileSync } from 'node:child_process';
import { utimesSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type Profile, storeChecksums } from '../../lib/files/xattr/index.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { ask, descriptorsOf, digestsIn, serving } from './serving.js';

needs('setfattr');

const folder = temporaryFolder();
const content = Buffer.from('123456789');
const digest = { adler32: 0x091e01den, crc32c: 0xe3069283n };

/** The RFC's nine digits, with values kept under the profiles. */
async function storedFile(profiles: readonly Profile[], values = digest): Promise<string> {
  const path = fileOf(folder, content);
  utimesSync(path, 1e9, 1e9);
  await using file = await open(path);
  await storeChecksums(file.fd, values, { profiles });
  return path;
}

describe('stored values', () => {
  it.each<[string, Record<string, string>, object]>([
    ['are not stated unasked', {}, {}],
    ['answer davix', { 'Want-Digest': 'ADLER32' }, { digest: 'adler32=091e01de' }],
    [
      'answer by weight',
      { 'Want-Digest': 'adler32;q=0.1, crc32c' },
      { digest: 'crc32c=e3069283,adler32=091e01de' },
    ],
    ['answer WLCG', { 'Want-Repr-Digest': 'adler=9' }, { 'repr-digest': 'adler=:CR4B3g==:' }],
    ['state all if none is wanted that is known', { 'Want-Digest': 'md5' }, { digest: expect.any(String) }],
    ['are not asked for by nonsense', { 'Want-Digest': '???', 'Want-Repr-Digest': ',,' }, {}],
  ])('%s', async (_, headers, expected) => {
    const { port, over } = await serving(await storedFile(['sluice']), { onDemand: false });
    for (const method of ['GET', 'HEAD'])
      expect(digestsIn((await ask(port, headers, method)).headers)).toEqual(expected);
    await over(2);
    expect(descriptorsOf(folder)).toBe(0);
  });

  it('of the file are stated with a part of it, those of the content are not', async () => {
    const { port } = await serving(await storedFile(['sluice']), {
      fields: ['Digest', 'OC-Checksum', 'x-amz-checksum'],
    });
    const wants = { 'Want-Content-Digest': 'crc32c=1', 'Want-Repr-Digest': 'crc32c=1' };
    const aboutFile = {
      digest: 'adler32=091e01de,crc32c=e3069283',
      'oc-checksum': 'ADLER32:091e01de',
      'repr-digest': 'crc32c=:4waSgw==:',
    };
    expect(digestsIn((await ask(port, wants)).headers)).toEqual({
      ...aboutFile,
      'content-digest': 'crc32c=:4waSgw==:',
      'x-amz-checksum-crc32c': '4waSgw==',
    });
    expect(digestsIn((await ask(port, { ...wants, Range: 'bytes=0-4' })).headers)).toEqual(aboutFile);
    // What S3 states is about the object, but goes with all of it only.
    expect(digestsIn((await ask(port, wants, 'HEAD')).headers)).toEqual({
      ...aboutFile,
      'x-amz-checksum-crc32c': '4waSgw==',
    });
  });

  it("are written as StoRM's clients expect, if asked for", async () => {
    const { port } = await serving(await storedFile(['sluice']), { adler: 'text' });
    const { headers } = await ask(port, { 'Want-Repr-Digest': 'adler=9' });
    expect(headers).toMatchObject({ 'repr-digest': 'adler=:MDkxZTAxZGU=:' });
  });

  it('come from the profiles named, the first one first', async () => {
    const path = await storedFile(['xrdcks']);
    const asked = async (profiles?: Profile[]) => {
      const { port } = await serving(path, { onDemand: false, ...(profiles && { profiles }) });
      return (await ask(port, { 'Want-Digest': 'adler32' })).headers;
    };
    expect(digestsIn(await asked())).toEqual({});
    expect(digestsIn(await asked(['xrdcks']))).toEqual({ digest: 'adler32=091e01de' });
    await using file = await open(path);
    await storeChecksums(file.fd, { adler32: 1n }); // a wrong one tells whose is stated
    expect(digestsIn(await asked(['sluice', 'xrdcks']))).toEqual({ digest: 'adler32=00000001' });
    expect(digestsIn(await asked(['xrdcks', 'sluice']))).toEqual({ digest: 'adler32=091e01de' });
  });

  it('are not stated if they are stale, undated or malformed', async () => {
    const stale = await storedFile(['sluice', 'xrdcks']);
    utimesSync(stale, 1e9, 1e9 + 1);
    const undated = await storedFile(['storm', 'human']);
    const malformed = await storedFile(['sluice']);
    execFileSync('setfattr', ['-n', 'user.sluice', '-v', 'v1 adler32=091e01de', malformed]);
    for (const path of [stale, undated, malformed]) {
      const { port } = await serving(path, {
        profiles: ['sluice', 'xrdcks', 'storm', 'human'],
        onDemand: false,
      });
      const { status, headers } = await ask(port, { 'Want-Digest': 'adler32' });
      expect([status, digestsIn(headers)]).toEqual([200, {}]);
    }
  });
});
