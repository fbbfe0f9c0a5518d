import { describe, expect, it } from 'vitest';
import type { Machine } from '../../lib/measure/machine.js';
import { fileSystemOf, machine } from '../../lib/measure/machine.js';
import type { Measurement } from '../../lib/measure/rounds.js';
import { spreadOf } from '../../lib/measure/statistics.js';
import { cacheWarnings, machineWarnings, noiseWarnings } from '../../lib/measure/warnings.js';

const quiet: Machine = {
  kernel: '6.18.0',
  architecture: 'x64',
  cpu: 'some',
  // So many that no load of this machine is one.
  cores: 1e9,
  memoryBytes: 1,
  node: '20',
  sluice: '0',
  simd: 'avx2',
  fileSystem: 'ext4',
  governor: 'performance',
  virtual: false,
  freePageReporting: false,
};

describe('warnings', () => {
  it('are none on a quiet machine of its own', () => {
    expect(machineWarnings(quiet)).toEqual([]);
    expect(machineWarnings({ ...quiet, governor: undefined })).toEqual([]);
  });

  it('say what disturbs, and what to do about it', () => {
    expect(machineWarnings({ ...quiet, governor: 'powersave' })).toEqual([
      expect.stringMatching(/powersave.*cpupower/),
    ]);
    expect(machineWarnings({ ...quiet, virtual: true })).toEqual([expect.stringMatching(/Compare ratios/)]);
    expect(machineWarnings({ ...quiet, freePageReporting: true })).toEqual([
      expect.stringMatching(/takes free memory back.*Compare several runs/),
    ]);
    expect(machineWarnings({ ...quiet, cores: -1 })).toEqual([
      expect.stringMatching(/load average.*Stop them/),
    ]);
  });

  it('name the share of rows whose rounds differ', () => {
    const row = (ratios: number[]) => ({ ratio: spreadOf(ratios) }) as Measurement;
    expect(noiseWarnings([row([1, 1.01, 0.99])])).toEqual([]);
    expect(noiseWarnings([row([1, 1]), row([1, 2, 3])])).toEqual([expect.stringMatching(/^1 of 2 rows/)]);
  });

  it('say so when a warm file was not in the cache, or a cold one was', () => {
    expect(cacheWarnings(1, 'warm', 'ext4')).toEqual([]);
    expect(cacheWarnings(0, 'cold', 'ext4')).toEqual([]);
    expect(cacheWarnings(0.5, 'warm', 'ext4')).toEqual([expect.stringMatching(/50 %.*--size/)]);
    expect(cacheWarnings(1, 'cold', 'tmpfs')).toEqual([expect.stringMatching(/tmpfs kept 100 %.*--dir/)]);
  });
});

it('knows the file system of a folder', () => {
  expect(fileSystemOf('/proc')).toBe('proc');
  expect(fileSystemOf('/proc/self')).toBe('proc');
  expect(machine('/dev/shm').fileSystem).toBe('tmpfs');
});
