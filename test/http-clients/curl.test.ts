import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Outcome, run } from '../cli/run.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { reference } from '../helpers/reference.js';
import { served } from './serve.js';

needs('curl');

const folder = temporaryFolder();
const server = served();
/** Large enough for the relay. */
const file = fileOf(folder, 3_000_000);
const hex = reference('adler32', readFileSync(file)).toString(16).padStart(8, '0');

const curl = (...args: string[]): Promise<Outcome> => run('curl', ['-s', '-S', '-i', ...args]);
const statuses = ({ stdout }: Outcome) =>
  [...stdout.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);

afterEach(() => expect(server.complaints()).toBe(''));

describe('curl -T', () => {
  it('waits for 100 Continue, and is told what was stored', async () => {
    const outcome = await curl('-T', file, '-H', 'Expect: 100-continue', `${server.url}/continued`);
    expect(statuses(outcome)).toEqual(['100', '201']);
    expect(outcome.stdout).toMatch(new RegExp(`^Digest: adler32=${hex}`, 'im'));
    expect(readFileSync(join(server.root, 'continued')).equals(readFileSync(file))).toBe(true);
  });

  it('does not wait, and replaces', async () => {
    await curl('-T', file, `${server.url}/replaced`);
    const outcome = await curl('-T', file, '-H', 'Expect:', `${server.url}/replaced`);
    expect(statuses(outcome)).toEqual(['204']);
  });

  it('sends chunks', async () => {
    const args = ['-s', '-S', '-i', '-T', '-', '-H', 'Expect:', `${server.url}/chunked`];
    const outcome = await run('curl', args, { input: readFileSync(file) });
    expect(statuses(outcome)).toEqual(['201']);
    expect(readFileSync(join(server.root, 'chunked')).equals(readFileSync(file))).toBe(true);
  });

  it('states the right digest', async () => {
    const outcome = await curl(
      '-T',
      file,
      '-H',
      `Digest: ADLER32=${hex.toUpperCase()}`,
      `${server.url}/stated`,
    );
    expect(statuses(outcome).at(-1)).toBe('201');
  });

  it('states a wrong one: 412, and the old file stays', async () => {
    const other = fileOf(folder, 1000);
    const outcome = await curl('-T', other, '-H', 'OC-Checksum: ADLER32:1', `${server.url}/stated`);
    expect(statuses(outcome).at(-1)).toBe('412');
    expect(outcome.stdout).toMatch(/application\/problem\+json/);
    expect(outcome.stdout).toMatch(/not 00000001 as the field OC-Checksum states/);
    expect(readFileSync(join(server.root, 'stated')).equals(readFileSync(file))).toBe(true);
  });

  it('is not asked for a body whose conditions do not hold', async () => {
    const args = [
      '-T',
      file,
      '-H',
      'Expect: 100-continue',
      '-H',
      'If-None-Match: *',
      '--expect100-timeout',
      '30',
    ];
    const outcome = await curl(...args, `${server.url}/stated`);
    expect(statuses(outcome)).toEqual(['412']);
  });

  it('states something malformed: 400', async () => {
    const outcome = await curl('-T', file, '-H', 'Digest: adler32=xyz', `${server.url}/malformed`);
    expect(statuses(outcome).at(-1)).toBe('400');
    expect(readdirSync(server.root)).not.toContain('malformed');
  });

  it('into a folder that is missing: 409', async () => {
    expect(statuses(await curl('-T', file, `${server.url}/no/such/file`)).at(-1)).toBe('409');
  });
});

describe('curl', () => {
  it('gets what it put, with its digest', async () => {
    const copy = join(folder, 'copy');
    const args = ['-D', '-', '-o', copy, '-H', 'Want-Digest: adler32'];
    const { stdout } = await run('curl', ['-s', '-S', ...args, `${server.url}/stated`]);
    expect(stdout).toMatch(new RegExp(`^Digest: adler32=${hex}\r$`, 'im'));
    expect(readFileSync(copy).equals(readFileSync(file))).toBe(true);
  });

  it('gets a range', async () => {
    const outcome = await run('curl', [
      '-s',
      '-r',
      '1000-1099',
      `${server.url}/stated`,
      '-o',
      join(folder, 'range'),
      '-w',
      '%{http_code}',
    ]);
    expect(outcome.stdout).toBe('206');
    expect(readFileSync(join(folder, 'range')).equals(readFileSync(file).subarray(1000, 1100))).toBe(true);
  });
});
