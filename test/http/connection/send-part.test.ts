import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../helpers/files.js';
import { ask, modified, oldFile, serving } from '../serving.js';

const folder = temporaryFolder();

describe('a part', () => {
  const size = 1_500_000;
  let path: string;
  let content: Buffer;
  let etag: string;
  beforeAll(async () => {
    ({ path, content } = oldFile(folder, size));
  });

  it.each<[string, number, number]>([
    ['bytes=0-0', 0, 1],
    ['bytes=0-', 0, size],
    ['bytes=5-9', 5, 10],
    ['bytes=524287-1048576', 524287, 1048577],
    [`bytes=${size - 1}-`, size - 1, size],
    [`bytes=10-${size}`, 10, size],
    ['bytes=10-99999999999999999999999', 10, size],
    ['bytes=-1', size - 1, size],
    ['bytes=-600000', size - 600000, size],
    ['bytes=-99999999999', 0, size],
    ['BYTES=1-2', 1, 3],
  ])('%s', async (range, start, end) => {
    const { port, over } = await serving(path);
    const { status, headers, body } = await ask(port, { Range: range });
    expect(status).toBe(206);
    expect(headers['content-range']).toBe(`bytes ${start}-${end - 1}/${size}`);
    expect(headers['content-length']).toBe(String(end - start));
    expect(body.equals(content.subarray(start, end))).toBe(true);
    expect(await over(1)).toEqual([{ status: 206, bytes: end - start, verified: false }]);
  });

  it.each([`bytes=${size}-`, `bytes=${size}-${size}`, 'bytes=-0', 'bytes=99999999999999999999-'])(
    '%s is not there',
    async (range) => {
      const { port } = await serving(path);
      const { status, headers, body } = await ask(port, { Range: range });
      expect([status, headers['content-range'], body.length]).toEqual([416, `bytes */${size}`, 0]);
    },
  );

  it.each([
    'bytes=',
    'bytes=-',
    'bytes=9-5',
    'bytes=a-b',
    'bytes= 0-1',
    'bytes=0-1,5-6',
    'bytes=0-1,',
    'bytes=+1-2',
    'bytes=0x1-2',
    'bytes 0-1',
    'lines=0-1',
    '0-1',
  ])('%j is the whole file', async (range) => {
    const { port } = await serving(path);
    const { status, headers, body } = await ask(port, { Range: range });
    expect([status, headers['content-range'], body.length]).toEqual([200, undefined, size]);
  });

  it('is refused if it takes more than a field may', async () => {
    const { port } = await serving(path);
    expect((await ask(port, { Range: `bytes=${'0'.repeat(5000)}-` })).status).toBe(400);
  });

  it('depends on If-Range', async () => {
    const { port } = await serving(path);
    etag = (await ask(port, {}, 'HEAD')).headers.etag as string;
    const statusWith = async (condition: string) =>
      (await ask(port, { Range: 'bytes=0-9', 'If-Range': condition })).status;
    expect(await statusWith(etag)).toBe(206);
    for (const other of ['"x"', `W/${etag}`, `${etag}, ${etag}`, '*', modified, 'nonsense'])
      expect(await statusWith(other)).toBe(200);
  });
});
