import { utimesSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Current, evaluate } from '../../lib/http/conditions.js';
import { etagOf } from '../../lib/http/etag.js';
import type { Fields } from '../../lib/http/fields/value.js';
import { parseHttpDate } from '../../lib/http/http-date.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';

const then = 784111777; // the RFC's example, Sun, 06 Nov 1994 08:49:37 GMT
const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
const earlier = 'Sun, 06 Nov 1994 08:49:36 GMT';
const current: Current = { etag: '"a,b"', mtimeMs: then * 1000 + 999 };

function answer(method: string, headers: Fields, target: Current | undefined = current): number {
  const verdict = evaluate(method, headers, target);
  return verdict.ok ? 200 : verdict.status;
}

describe('dates', () => {
  it.each([
    [date, then],
    ['Sunday, 06-Nov-94 08:49:37 GMT', then],
    ['Sun Nov  6 08:49:37 1994', then],
    ['Sun Nov 16 08:49:37 1994', then + 864000],
    ['Thu, 29 Feb 2024 00:00:00 GMT', 1709164800],
    ['Wed, 31 Dec 1969 23:59:59 GMT', -1],
  ])('%s', (text, seconds) => {
    expect(parseHttpDate(text)).toBe(seconds);
  });

  it('of two digits are at most 50 years ahead', () => {
    const year = new Date().getUTCFullYear();
    for (const [ahead, expected] of [
      [50, year + 50],
      [51, year - 49],
      [0, year],
    ] as const) {
      const digits = String((year + ahead) % 100).padStart(2, '0');
      const seconds = parseHttpDate(`Sunday, 01-Jan-${digits} 00:00:00 GMT`) as number;
      expect(new Date(seconds * 1000).getUTCFullYear()).toBe(expected);
    }
  });

  it.each([
    '',
    'yesterday',
    '784111777',
    '1994-11-06T08:49:37Z',
    `${date}, ${date}`,
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 CET',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 25:49:37 GMT',
    'Sun, 06 Nvo 1994 08:49:37 GMT',
  ])('%j is none', (text) => {
    expect(parseHttpDate(text)).toBeUndefined();
  });
});

describe('If-Match', () => {
  it.each<[string, Current | undefined, number]>([
    ['"a,b"', current, 200],
    ['"x", "a,b"', current, 200],
    [', "x",, "a,b" ,', current, 200],
    ['*', current, 200],
    ['"a"', current, 412],
    ['W/"a,b"', current, 412],
    ['W/"w"', { ...current, etag: 'W/"w"' }, 412],
    ['"A,B"', current, 412],
  ])('%s', (value, target, status) => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'])
      expect(answer(method, { 'if-match': value }, target)).toBe(status);
  });

  it.each(['*', '"a,b"'])('%s does not match what is not there', (value) => {
    expect(evaluate('PUT', { 'if-match': value }, undefined)).toEqual({ ok: false, status: 412 });
  });

  it.each(['', 'a', '"a', '"a""b"', '"a" "b"', '*, "a"', "'a'", 'w/"a"', '"', '"a b"', '"x",a,b"'])(
    'is refused if it is %j',
    (value) => {
      for (const method of ['GET', 'PUT']) {
        expect(() => answer(method, { 'if-match': value })).toThrow(
          expect.objectContaining({ code: 'ERR_SLUICE_FIELD' }),
        );
      }
    },
  );
});

describe('If-None-Match', () => {
  it.each<[string, number]>([
    ['"a,b"', 304],
    ['W/"a,b"', 304],
    ['"x", W/"y", "a,b"', 304],
    ['*', 304],
    ['"x"', 200],
  ])('%s', (value, status) => {
    expect(answer('GET', { 'if-none-match': value })).toBe(status);
    expect(answer('HEAD', { 'if-none-match': value })).toBe(status);
    expect(answer('PUT', { 'if-none-match': value })).toBe(status === 304 ? 412 : 200);
  });

  it('lets through what makes something new', () => {
    expect(evaluate('PUT', { 'if-none-match': '*' }, undefined)).toEqual({ ok: true });
  });

  it.each(['a,b', '"a', '"'.repeat(5000)])(
    'is ignored by what reads, and refused else, if it is %j',
    (value) => {
      expect(answer('GET', { 'if-none-match': value })).toBe(200);
      expect(() => answer('PUT', { 'if-none-match': value })).toThrow(
        expect.objectContaining({ code: 'ERR_SLUICE_FIELD' }),
      );
    },
  );
});

describe('dates of change', () => {
  it.each<[string, number, number]>([
    [date, 304, 200],
    ['Sun, 06 Nov 1994 08:49:38 GMT', 304, 200],
    [earlier, 200, 412],
    ['no date', 200, 200],
    [`${earlier}, ${earlier}`, 200, 200],
  ])('%s', (value, since, unmodified) => {
    expect(answer('GET', { 'if-modified-since': value })).toBe(since);
    expect(answer('PUT', { 'if-modified-since': value })).toBe(200);
    expect(answer('GET', { 'if-unmodified-since': value })).toBe(unmodified);
    expect(answer('PUT', { 'if-unmodified-since': value })).toBe(unmodified);
  });

  it('say nothing of what is not there', () => {
    expect(evaluate('PUT', { 'if-unmodified-since': earlier }, undefined)).toEqual({ ok: true });
  });
});

describe('precedence', () => {
  it.each<[string, Fields, number]>([
    ['If-Match over If-Unmodified-Since', { 'if-match': '"a,b"', 'if-unmodified-since': earlier }, 200],
    ['If-None-Match over If-Modified-Since', { 'if-none-match': '"x"', 'if-modified-since': date }, 200],
    ['a malformed If-None-Match too', { 'if-none-match': 'x', 'if-modified-since': date }, 200],
    ['412 over 304', { 'if-match': '"x"', 'if-none-match': '"a,b"' }, 412],
    ['412 by date over 304', { 'if-unmodified-since': earlier, 'if-none-match': '"a,b"' }, 412],
    ['both kinds must hold', { 'if-match': '*', 'if-none-match': '"a,b"' }, 304],
  ])('%s', (_, headers, status) => {
    expect(answer('GET', headers)).toBe(status);
  });
});

describe('entity tags', () => {
  const folder = temporaryFolder();
  const tagOf = async (path: string) => etagOf(await stat(path, { bigint: true }));

  it('tell files and versions apart, and are such that can be asked for', async () => {
    const path = fileOf(folder, 10);
    const first = await tagOf(path);
    expect(first).toMatch(/^"[0-9a-f]+-[0-9a-f]+-a-[0-9a-f]+"$/);
    expect(await tagOf(fileOf(folder, 10))).not.toBe(first);
    utimesSync(path, 1, 1);
    const second = await tagOf(path);
    expect(second).not.toBe(first);
    writeFileSync(path, 'longer than ten bytes');
    utimesSync(path, 1, 1);
    expect(await tagOf(path)).not.toBe(second);
    expect(answer('GET', { 'if-match': second }, { etag: second, mtimeMs: 0 })).toBe(200);
  });

  it('belong to the inode, not to the name', async () => {
    const path = fileOf(folder, 10);
    expect(
      await tagOf(join(folder, '..', folder.split('/').pop() as string, path.split('/').pop() as string)),
    ).toBe(await tagOf(path));
  });
});
