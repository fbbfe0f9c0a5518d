import type { ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest begins first, or one worker has it to do when the other one is done. */
class LongestFirst extends BaseSequencer {
  static readonly longest = [
    'observe/programs',
    'observe/random',
    'engine/kernel',
    'observe/streams',
    'kernel/tap',
    'relay/values',
    'observe/entries',
  ];

  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = LongestFirst.longest.findIndex((name) => moduleId.includes(`/test/${name}.`));
      return found < 0 ? LongestFirst.longest.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

/** Where no program is to be loaded there is nothing that could be observed. */
const observed =
  process.env['SLUICE_BPF'] === 'refused' ? [] : ['streams', 'entries', 'random', 'exchanged', 'full'];

/** The suites that depend on the kernel: they run on the development machine, and in every virtual machine. */
const config: ViteUserConfig = {
  test: {
    include: [
      'test/kernel/**/*.test.ts',
      'test/engine/**/*.test.ts',
      'test/libbpf/**/*.test.ts',
      'test/observe/programs.test.ts',
      ...observed.map((name) => `test/observe/${name}.test.ts`),
      'test/relay/**/*.test.ts',
    ],
    // How objects live and end, how arguments are checked, and what is done about a shortage or a system call that fails
    // does not depend on the kernel, and takes long in emulation.
    exclude: [
      'test/libbpf/lifetime/**',
      'test/libbpf/hostile.test.ts',
      'test/engine/shortage.test.ts',
      'test/engine/switched-off.test.ts',
      'test/relay/scarce.test.ts',
    ],
    pool: 'forks',
    // Emulated machines have two CPUs.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
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
