import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { JsonReport } from '../../bench/report/json.js';
import { binary } from '../cli/run.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';

needs('nginx', 'xrdadler32', 'rhash', 'xxhsum');

const folder = temporaryFolder();
const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') };

function bench(...args: string[]) {
  return spawnSync(process.execPath, [binary, 'bench', ...args], { encoding: 'utf8', env, cwd: folder });
}

const uploaders = ['Node pipeline + zlib', 'receive, stream', 'receive, relay', 'nginx'];
const floor = 'node:http, nothing stored';

describe('sluice bench', () => {
  it('measures every section, and writes both reports', { timeout: 600_000 }, () => {
    // Relative, and with what means something to those who are told of it.
    const storage = 'the "storage"';
    const out = join(folder, 'new', 'report');
    mkdirSync(join(folder, storage));
    const { status, stdout, stderr } = bench('--quick', '--size', '1M', '--dir', storage, '--report', out);
    // A line a minute, on a machine that is that slow.
    expect(stderr).toMatch(/^(\d+ min: .*\n)*$/);
    expect(status).toBe(0);
    expect(readdirSync(join(folder, storage))).toEqual([]);
    expect(stdout).toContain(join(out, 'report.html'));
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('throughput-0');

    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as JsonReport;
    expect(report.options).toEqual({ folder: storage, size: 2 ** 20, quick: true });
    expect(report.auto).toHaveLength(4);
    expect(report.warnings).toContainEqual(expect.stringMatching(/^The largest file has 1 MiB: .* 32 MiB/));
    const uploads = report.results.filter(({ parameters }) => parameters['section'] === 'upload');
    expect(uploads.map(({ command }) => command)).toEqual([
      ...[...uploaders, floor],
      ...[...uploaders, ...uploaders.map((name) => `${name}, replacing`), floor],
    ]);
    // Beside those that warm up.
    for (const { bytes, parameters, times_ns } of uploads.slice(-9)) {
      expect(bytes).toBe((parameters['files'] as number) * 2 ** 14);
      expect((parameters['files'] as number) * times_ns.length).toBeGreaterThanOrEqual(3000);
    }
    const sections = new Set(report.results.map((result) => result.parameters['section']));
    expect([...sections].sort()).toEqual([
      ...[
        'cache',
        'copy',
        'get',
        'latency',
        'many',
        'memory',
        'observe',
        'pressure',
        'put',
        'threads',
        'throughput',
        'tree',
        'upload',
        'value',
      ],
    ]);
    for (const algorithm of ['adler32', 'crc32', 'crc32c', 'crc64nvme']) {
      const rows = report.results.filter(
        ({ parameters }) => parameters['section'] === 'throughput' && parameters['algorithm'] === algorithm,
      );
      const ran = new Set(rows.map(({ parameters }) => parameters['backend']));
      for (const engine of engines) expect(ran).toContain(engine === 'kernel' ? 'bpf' : 'userspace');
      // cksum's is another checksum.
      const values = new Set(rows.filter((row) => row.value !== null).map((row) => row.value));
      expect(values.size).toBe(1);
    }
    const commands = new Set(report.results.map((result) => result.command));
    for (const command of [
      'plain read',
      'read + libdeflate',
      'mapped + isa-l',
      'read + node:zlib',
      'read + @node-rs/crc32',
      'read + hash-wasm',
      'readFile + node:zlib',
      'xrdadler32',
      'rhash',
      'plain read, cold',
      'receive, relay',
      'nginx',
      'user space, direct',
      'sendfile, not blocking',
      'rhash --crc32 -r',
      'find | xargs cksum',
      'find | xargs xxhsum',
      'sluice verify, 1 thread',
      'relay, user space',
      'not observed',
      'observed: fanotify + reread',
      'a second read, cold',
    ]) {
      expect(commands).toContain(command);
    }
    for (const result of report.results) {
      const { section = '' } = result.parameters;
      const rounds = { observe: 2, pressure: 2, value: 20 }[section] ?? 5;
      expect(result.times_ns.length, `${section} ${result.command}`).toBe(rounds);
      expect(Math.min(...result.times_ns)).toBeGreaterThan(0);
    }
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'removes its files at %s, and ends with 130',
    async (signal) => {
      const storage = join(folder, signal);
      mkdirSync(storage);
      const child = spawn(process.execPath, [binary, 'bench', '--quick', '--dir', storage], {
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const ended = once(child, 'exit');
      while (readdirSync(storage).length === 0 && child.exitCode === null) await setTimeout(10);
      child.kill(signal);
      expect(await ended).toEqual([130, null]);
      expect(readdirSync(storage)).toEqual([]);
    },
  );

  it('refuses what it can not measure, before it begins', () => {
    const file = fileOf(folder, 10);
    const cases: [number, RegExp, string[]][] = [
      [2, /does not exist/, ['--dir', join(folder, 'nowhere')]],
      [2, /is no folder/, ['--dir', file]],
      [2, /no room/, ['--dir', folder, '--size', '8000T']],
      [2, /number of bytes/, ['--size', '12X']],
      [2, /no less than 1M/, ['--size', '100']],
      [2, /unknown option/, ['--quik']],
      [2, /is no folder/, ['--dir', folder, '--report', join(file, 'report')]],
      [2, /is no folder/, ['--dir', folder, '--report', file]],
      [2, /can't be made/, ['--dir', folder, '--report', '/proc/nowhere/report']],
      [2, /no room/, ['--dir', '/proc', '--size', '1M']],
    ];
    for (const [expected, message, args] of cases) {
      const { status, stderr } = bench(...args);
      expect(stderr).toMatch(message);
      expect(status, args.join(' ')).toBe(expected);
    }
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });
});
