import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../lib/cli/output/comparison.js';
import { formatComparison } from '../../lib/cli/output/comparison.js';
import { binary } from '../cli/run.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';

needs('rhash', 'xrdadler32');

const folder = temporaryFolder();
const file = fileOf(folder, 3_000_001);
const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') };

function compare(...args: string[]) {
  return spawnSync(process.execPath, [binary, 'compare', ...args], { encoding: 'utf8', env });
}

describe('sluice compare', () => {
  it('prints a row for the plain read and for each engine and algorithm, with the value of another tool', () => {
    const { status, stdout, stderr } = compare('--rounds', '2', '--json', '-a', 'adler32,crc32', file);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const rows = JSON.parse(stdout) as Row[];
    const measured = rows.filter((row) => row.gbPerSecond !== null);
    const names = measured.map((row) => `${row.name} ${row.algorithm ?? ''}`);
    const ours = engines.map((name) => (name === 'kernel' ? 'kernel' : 'user space')).reverse();
    expect(names).toEqual([
      'plain read ',
      ...ours.map((name) => `${name} adler32`),
      'read + libdeflate adler32',
      ...ours.map((name) => `${name} crc32`),
      'read + libdeflate crc32',
      'read + isa-l crc32',
    ]);
    expect(measured[0]).toMatchObject({ name: 'plain read', backend: 'none', algorithm: null, value: null });
    const crc32 = execFileSync('rhash', ['--printf', '%{crc32}', file], { encoding: 'utf8' });
    const adler32 = execFileSync('xrdadler32', [file], { encoding: 'utf8' }).slice(0, 8);
    for (const row of measured) {
      expect(row).toMatchObject({ file, bytes: 3_000_001, rounds: 2 });
      expect(row.gbPerSecond).toBeGreaterThan(0);
      expect(row.cpuSecondsPerGb).toBeGreaterThan(0);
      expect(row.ratio?.median).toBeGreaterThan(0);
      if (row.algorithm) expect(row.value).toBe(row.algorithm === 'crc32' ? crc32 : adler32);
      // Libraries have the buffer that suits them.
      expect(row.buffer !== undefined).toBe(row.backend === 'other');
    }
  });

  it('says in a sentence who won', () => {
    const { status, stdout } = compare('--rounds', '3', file);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^adler32: (user space wins|the kernel wins|a draw|user space did)/m);
    expect(existsSync(join(folder, 'cache/sluice/calibration.json'))).toBe(engines.includes('kernel'));
  });

  it('goes on after a file that can not be summed, and ends with 1', () => {
    const empty = fileOf(folder, 0);
    const { status, stdout, stderr } = compare('--rounds', '1', '--json', '/nowhere', folder, empty, file);
    expect(status).toBe(1);
    expect(stderr).toMatch(/nowhere does not exist/);
    expect(stderr).toMatch(/is a directory/);
    expect(stderr).toMatch(/is empty/);
    expect((JSON.parse(stdout) as Row[]).every((row) => row.file === file)).toBe(true);
  });

  it('goes on after names that lead to no file', () => {
    const within = (name: string) => join(folder, name);
    symlinkSync('loop', within('loop'));
    execFileSync('mkfifo', [within('fifo')]);
    mkdirSync(within('closed'), { mode: 0 });
    const names = ['loop', 'x'.repeat(300), 'fifo', 'closed/file'].map(within);
    const unprivileged = ['--bounding-set', '-all', '--inh-caps', '-all'];
    const withoutCompiler = ['env', 'PATH=/nowhere'];
    const { status, stdout, stderr } = spawnSync(
      'setpriv',
      [
        ...unprivileged,
        ...withoutCompiler,
        process.execPath,
        binary,
        'compare',
        '--rounds',
        '1',
        '--json',
        ...names,
        '/dev/null',
        file,
      ],
      { encoding: 'utf8', env },
    );
    const complaints = stderr
      .replaceAll(`${folder}/`, '')
      .replace(/x{300}/, 'xxx')
      .trim()
      .split('\n');
    expect(complaints.map((line) => line.split(/ \(|, |\. /)[0])).toEqual([
      "sluice: loop can't be looked up",
      "sluice: xxx can't be looked up",
      'sluice: fifo is a FIFO',
      'sluice: closed/file may not be read by this user',
      'sluice: /dev/null is a device',
    ]);
    expect(status).toBe(1);
    const rows = JSON.parse(stdout) as Row[];
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => row.file === file)).toBe(true);
  });

  it('refuses a wrong command line with 2', () => {
    for (const args of [[], ['-a', 'crc33', file], ['--rounds', '0', file], ['--round', '3', file]]) {
      const { status, stderr } = compare(...args);
      expect(status, stderr).toBe(2);
    }
  });

  it.runIf(engines.includes('kernel'))(
    'serves without capabilities, and says why there is no kernel row',
    () => {
      const { status, stdout, stderr } = spawnSync(
        'setpriv',
        [
          '--bounding-set',
          '-all',
          '--inh-caps',
          '-all',
          process.execPath,
          binary,
          'compare',
          '--rounds',
          '1',
          file,
        ],
        { encoding: 'utf8' },
      );
      expect(status, stderr).toBe(0);
      expect(stdout).toMatch(/kernel +│ adler32 +│ not available/);
      expect(stdout).toMatch(/CAP_BPF/);
    },
  );
});

it('a comparison shows engines that disagree', () => {
  const row: Row = {
    file: 'f',
    name: 'user space',
    backend: 'userspace',
    algorithm: 'adler32',
    bytes: 1,
    gbPerSecond: 1,
    cpuSecondsPerGb: 1,
    value: '00000001',
    ratio: { median: 1, lowerQuartile: 1, upperQuartile: 1 },
    spread: { median: 1, lowerQuartile: 1, upperQuartile: 1 },
    rounds: 1,
  };
  const text = formatComparison({
    rows: [row, { ...row, name: 'kernel', backend: 'bpf', value: '00000002' }],
    verdicts: [],
    differing: ['adler32'],
  });
  expect(text.match(/│ NO +│/g)).toHaveLength(2);
});
