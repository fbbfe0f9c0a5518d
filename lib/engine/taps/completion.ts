/** The completion tap will see blocks as the disk delivers or takes them. */

import { planned, type Tap } from './tap.js';

export const completionTap: Tap = {
  name: 'completion',
  hooks: [
    { kind: 'raw_tracepoint', name: 'block_rq_complete' },
    { kind: 'raw_tracepoint', name: 'nvme_complete_rq' },
  ],
  find: () => planned,
};
