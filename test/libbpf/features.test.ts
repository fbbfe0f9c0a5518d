/** Feature probes, against what is certain of a kernel. */

import { describe, expect, it } from 'vitest';
import { Btf, hasHelper, hasKfunc, hasMapType, hasProgramType } from '../../lib/libbpf/index.js';
import { refused, since } from './support.js';

describe('probes', () => {
  it('know what every kernel from 5.10 on has', () => {
    for (const type of ['raw_tracepoint', 'tracepoint', 'perf_event', 'socket_filter', 'xdp', 'cgroup_skb']) {
      expect([type, hasProgramType(type)]).toEqual([type, true]);
    }
    for (const type of ['hash', 'array', 'percpu_array', 'ringbuf', 'queue', 'lpm_trie', 'sockmap']) {
      expect([type, hasMapType(type)]).toEqual([type, true]);
    }
    expect(hasHelper('raw_tracepoint', 'bpf_ringbuf_output')).toBe(true);
    expect(hasHelper('socket_filter', 'bpf_probe_write_user')).toBe(false);
  });

  it('know since when a kernel has what', () => {
    expect(hasProgramType('syscall')).toBe(since(5, 14));
    expect(hasMapType('bloom_filter')).toBe(since(5, 16));
    expect(hasMapType('user_ringbuf')).toBe(since(6, 1));
    for (const type of ['kprobe', 'perf_event'])
      expect(hasHelper(type, 'bpf_get_attach_cookie')).toBe(since(5, 15));
    expect(hasHelper('raw_tracepoint', 'bpf_loop')).toBe(since(5, 17));
  });

  it('know kfuncs, and that not every function is one', () => {
    expect(hasKfunc('bpf_task_acquire')).toBe(since(6, 2));
    expect(hasKfunc('no_such_kfunc')).toBe(false);
    // Where the kernel's BTF marks its kfuncs, a function of its own is told apart.
    const marked = Btf.kernel().find('bpf_kfunc', 'declarationTag') !== undefined;
    expect(hasKfunc('vfs_read')).toBe(!marked);
  });

  it('refuse names that libbpf does not know', () => {
    expect(refused(() => hasProgramType('magic')).code).toBe('ERR_SLUICE_BPF');
    expect(refused(() => hasMapType('magic')).code).toBe('ERR_SLUICE_BPF');
    expect(hasHelper('xdp', 'bpf_magic')).toBe(false);
    expect(refused(() => hasHelper('tracing', 'bpf_map_lookup_elem')).code).toBe('ERR_SLUICE_BPF');
  });
});
