import type { ViteUserConfig } from 'vitest/config';
import { common } from './vitest.config.js';

/**
 * What depends on Node: its sockets and streams, how objects of the addon live and end in it, and what the package and its
 * command look like. Runs with every version of it.
 */
const config: ViteUserConfig = {
  ...common,
  test: {
    ...common.test,
    include: ['test/http/connection/*.test.ts', 'test/libbpf/lifetime/*.test.ts', 'test/surface/*.test.ts'],
  },
};

export default config;
