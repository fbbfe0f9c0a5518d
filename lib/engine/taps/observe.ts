/** The observe tap will see what other processes read and write. */

import { planned, type Tap } from './tap.js';

export const observeTap: Tap = {
  name: 'observe',
  hooks: [
    { kind: 'raw_tracepoint', name: 'sys_enter' },
    { kind: 'raw_tracepoint', name: 'sys_exit' },
    { kind: 'raw_tracepoint', name: 'mm_filemap_get_pages' },
    { kind: 'raw_tracepoint', name: 'ext4_da_write_end' },
    { kind: 'fentry', name: 'filemap_get_pages' },
    { kind: 'fentry', name: 'filemap_read' },
    { kind: 'fentry', name: 'generic_perform_write' },
    { kind: 'fentry', name: 'iomap_write_end' },
    { kind: 'fentry', name: '__fput' },
    { kind: 'kprobe', name: 'filemap_get_pages' },
    { kind: 'kprobe', name: 'pipe_to_null' },
  ],
  find: () => planned,
};
