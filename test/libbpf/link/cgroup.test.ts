/** Programs for a control group. */

import { expect, it } from 'vitest';
import { attachCgroup } from '../../../lib/libbpf/index.js';
import { expectRefusal } from '../support.js';
import { hooks, isolated } from './hooks.js';

it('a program of a cgroup runs for the processes of the group only, until it is detached', () => {
  expect(isolated('cgroup')).toEqual({ outside: 0, inside: 3, type: 'cgroup', detached: 3 });
});

it('attachCgroup refuses a path that is no group', () => {
  using loaded = hooks('on_socket');
  expectRefusal(() => attachCgroup(loaded.program('on_socket'), '/tmp'));
  expect(expectRefusal(() => attachCgroup(loaded.program('on_socket'), '/no/such/group')).errno).toBe(2);
});
