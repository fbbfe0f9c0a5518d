import type { ViteUserConfig } from 'vitest/config';
import all from './vitest.config.js';

/** The suites that depend on Node: the take-over of its sockets, streams, the addon. They run with every version of it. */
const config: ViteUserConfig = {
  test: {
    ...all.test,
    include: [
      'test/http/{bad-puts,closed,http2,pipelined,read-before,receive,refuse,send,send-connections,send-part,slow,take-over,take-over-check}.test.ts',
      'test/http-clients/tls.test.ts',
      'test/libbpf/{guide,object}.test.ts',
      'test/cli/commands.test.ts',
    ],
  },
};

export default config;
