import { fileURLToPath } from 'node:url';
import type { ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = {
  // What bench/ imports is the library that the tests import, not the compiled one.
  resolve: { alias: { '#lib': fileURLToPath(new URL('lib', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    // The kernel's slots, pipes and descriptors are counted by some tests: each file has a process of its own.
    pool: 'forks',
    // Time ends what hangs, and decides nothing else: what takes a second takes a minute on a machine that is busy with
    // other things, or under a sanitizer.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
  },
};

export default config;
