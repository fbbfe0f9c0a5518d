/** XDP, on the loopback device of a namespace of its own. */

import { expect, it } from 'vitest';
import { attachXdp } from '../../../lib/libbpf/index.js';
import { expectRefusal } from '../support.js';
import { hooks, isolated } from './hooks.js';

it('an XDP program sees the packets that arrive, by one program or another, pinned or not, until it is detached', () => {
  expect(isolated('xdp')).toEqual({
    type: 'xdp',
    attached: 5,
    second: 'ERR_SLUICE_BPF',
    updated: 500,
    pinned: 500,
    detached: 0,
    name: 'on_xdp',
  });
});

it('attachXdp refuses an interface that there is not', () => {
  using loaded = hooks('on_xdp');
  expectRefusal(() => attachXdp(loaded.program('on_xdp'), 999_999));
});
