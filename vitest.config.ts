import { fileURLToPath } from 'node:url';
import type { ViteUserConfig } from 'vitest/config';

/** What every run has in common. */
export const common: ViteUserConfig = {
  // What bench/ imports is the library that the tests import, not the compiled one.
  resolve: { alias: { '#lib': fileURLToPath(new URL('lib', import.meta.url)) } },
  test: {
    // The kernel's slots, pipes and descriptors are counted by some tests: each file has a process of its own.
    pool: 'forks',
    // Time ends what hangs, and decides nothing else: what takes a second takes a minute on a machine that is busy with
    // other things, or under a sanitizer.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
  },
};

/** Rooms whose tests count nothing that is the machine's, and mostly wait for programs: a file for each CPU at a time. */
const rooms = 'adapters checksum cli copy docs errors files http http-clients http-fields lint scrub surface';
const parallel = rooms.split(' ').map((room) => `test/${room}/**/*.test.ts`);

const config: ViteUserConfig = {
  ...common,
  test: {
    ...common.test,
    projects: [
      { extends: true, test: { name: 'parallel', include: parallel, maxWorkers: '100%' } },
      // With vitest's own number of workers, which leaves a CPU alone.
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: parallel,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
};

export default config;
