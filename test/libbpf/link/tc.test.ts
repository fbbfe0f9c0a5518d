/** tc, on the loopback device of a namespace of its own. */

import { expect, it } from 'vitest';
import { attachTc, Btf } from '../../../lib/libbpf/index.js';
import { expectRefusal } from '../support.js';
import { hooks, isolated } from './hooks.js';

it('1 sees what arrives and what leaves, until it is closed', () => {
  // Links for tc are there since 6.6; before, a module of the kernel's is needed, which the child tries to load.
  const linked = Btf.kernel().hasFunction('tcx_link_attach');
  const seen = isolated('tc.child.mjs') as { module: boolean };
  if (linked) expect(seen).toMatchObject({ ingress: 5, egress: 5, closed: 5, info: 'tcx' });
  else if (seen.module)
    expect(seen).toMatchObject({ ingress: 5, egress: 5, closed: 5, info: 'ERR_SLUICE_BPF' });
  else expect(seen).toEqual({ module: false, refused: 'ERR_SLUICE_BPF' });
});

it('2 refuses an interface that there is not', () => {
  using loaded = hooks('on_ingress');
  expectRefusal(() => attachTc(loaded.program('on_ingress'), 999_999));
});
