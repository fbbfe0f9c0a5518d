/** tc, on the loopback device of a namespace of its own. */

import { expect, it } from 'vitest';
import { attachTc, Btf } from '../../../lib/libbpf/index.js';
import { expectRefusal } from '../support.js';
import { hooks, isolated } from './hooks.js';

// Memory that is allocated is full of bytes that are not zero, as in a process that has been running for a while.
const garbage = { MALLOC_PERTURB_: '90', GLIBC_TUNABLES: 'glibc.malloc.tcache_count=0' };

it('a program of tc sees what arrives and what leaves, until it is closed, or says that it could not be detached', () => {
  // Links for tc are there since 6.6, for programs that state a direction; the rest are filters, for which a module of
  // the kernel's is needed.
  const linked = Btf.kernel().hasFunction('tcx_link_attach');
  const seen = isolated('tc', garbage) as { filters: boolean };
  const link = { attached: 5, closed: 5, info: 'tcx' };
  const filter = seen.filters
    ? { attached: 5, closed: 5, info: 'ERR_SLUICE_BPF' }
    : { refused: 'ERR_SLUICE_BPF' };
  expect(seen).toEqual({
    filters: seen.filters,
    on_ingress: linked ? link : filter,
    on_egress: linked ? link : filter,
    on_filter: filter,
    ...(seen.filters ? { afterItsQdisc: 'ERR_SLUICE_BPF' } : {}),
  });
});

it('attachTc refuses an interface that there is not', () => {
  using loaded = hooks('on_ingress');
  expectRefusal(() => attachTc(loaded.program('on_ingress'), 999_999));
});
