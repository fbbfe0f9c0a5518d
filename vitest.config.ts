import type { ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = {
  test: {
    include: ['test/**/*.test.ts'],
    // The kernel's slots, pipes and descriptors are counted by some tests: each file has a process of its own.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // What is waited for comes late on a machine that stalls, or under a sanitizer: a second, the default, decides too much.
    expect: { poll: { timeout: 30_000 } },
  },
};

export default config;
