import type { ViteUserConfig } from 'vitest/config';

/** The suites that depend on the kernel: they run on the development machine, and in every virtual machine. */
const config: ViteUserConfig = {
  test: {
    include: [
      'test/kernel/**/*.test.ts',
      'test/engine/**/*.test.ts',
      'test/libbpf/**/*.test.ts',
      'test/observe/programs.test.ts',
      'test/relay/**/*.test.ts',
    ],
    // How objects live and end, how arguments are checked, and what is done about a shortage does not depend on the kernel,
    // and takes long in emulation.
    exclude: ['test/libbpf/lifetime/**', 'test/libbpf/hostile.test.ts', 'test/engine/shortage.test.ts'],
    pool: 'forks',
    // Emulated machines have two CPUs.
    maxWorkers: 2,
    // Loading the modules once for each worker, not for each file, is half of the time there.
    isolate: false,
    // Transformed on the host, once for all machines, each of which has a copy: vitest may want to write to it.
    experimental: {
      fsModuleCache: true,
      fsModuleCachePath: process.env['SLUICE_VM'] ? '/tmp/vitest-kernel' : 'build/vitest-kernel',
    },
    testTimeout: 100_000,
    hookTimeout: 100_000,
    // What is waited for comes late in an emulated machine: a second, the default, is too short for a socket to close.
    expect: { poll: { timeout: 60_000 } },
  },
};

export default config;
