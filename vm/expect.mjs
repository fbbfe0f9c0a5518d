// SPDX-License-Identifier: Apache-2.0
// What `sluice probe --json` must say in each cell of the matrix. A feature that should be there and is not fails
// the run; so does one that should not be, because then this table is wrong.

/**
 * @typedef {object} Expectation keys are paths into the report; hooks are `hooks.<kind> <name>`,
 * and the ways to observe are `observe.<file system> <kind>`.
 * A boolean is compared with a finding's `available`, a pattern with its `reason`, and each with the value itself
 * where that is no finding.
 * @type {Record<string, boolean | RegExp | string | number>}
 */

const ALWAYS = {
  'kernel.architecture': 'x64',
  'backends.userspace': true,
};

const PROGRAM_TYPES = {
  'programTypes.syscall': true,
  'programTypes.raw_tracepoint': true,
  'programTypes.tracepoint': true,
  'programTypes.kprobe': true,
  'programTypes.perf_event': true,
  'programTypes.tracing': true,
  'programTypes.lsm': true,
  'programTypes.socket_filter': true,
  'programTypes.xdp': true,
  'programTypes.sched_cls': true,
  'programTypes.cgroup_skb': true,
  'programTypes.sk_skb': true,
  'programTypes.sk_msg': true,
};

const HOOKS = {
  'hooks.raw_tracepoint sys_enter': true,
  'hooks.raw_tracepoint sys_exit': true,
  'hooks.raw_tracepoint mm_filemap_get_pages': true,
  'hooks.raw_tracepoint ext4_da_write_end': true,
  'hooks.raw_tracepoint block_rq_complete': true,
  'hooks.raw_tracepoint nvme_complete_rq': true,
  'hooks.fentry filemap_get_pages': true,
  'hooks.fentry filemap_read': true,
  'hooks.fentry generic_perform_write': true,
  'hooks.fentry iomap_write_end': true,
  'hooks.fentry __fput': true,
  'hooks.kprobe filemap_get_pages': true,
  'hooks.kprobe pipe_to_null': true,
};

/** Only ext4 has tracepoints where a write ends. */
const WAYS = {
  'observe.ext4 raw_tp': true,
  'observe.ext4 fentry': true,
  'observe.ext4 kprobe': true,
  'observe.xfs raw_tp': false,
  'observe.xfs fentry': true,
  'observe.xfs kprobe': true,
  'observe.tmpfs raw_tp': false,
  'observe.tmpfs fentry': true,
  'observe.tmpfs kprobe': true,
};

const NO_WAYS = Object.fromEntries(Object.keys(WAYS).map((key) => [key, false]));

const PRIVILEGED = {
  ...ALWAYS,
  'capabilities.CAP_BPF': true,
  'capabilities.CAP_PERFMON': true,
  lockdown: 'none',
  btf: true,
  // Debian's kallsyms has data symbols, so search and symbols can be held against each other here.
  ksyms: true,
};

const FULL = {
  ...PRIVILEGED,
  ...PROGRAM_TYPES,
  ...HOOKS,
  ...WAYS,
  'backends.bpf': true,
  'taps.pipe': true,
  'taps.observe': true,
};

/** Why the engine is refused, and with it the tap that observes. */
const refused = (reason) => ({
  ...NO_WAYS,
  'backends.bpf.available': false,
  'backends.bpf': reason,
  'taps.pipe': false,
  'taps.observe.available': false,
  'taps.observe': reason,
});

const LINUX_5_10 = {
  ...PRIVILEGED,
  ...PROGRAM_TYPES,
  ...HOOKS,
  ...refused(/SYSCALL/),
  'kernel.release': /^5\.10\./,
  'programTypes.syscall': false,
  'hooks.raw_tracepoint mm_filemap_get_pages': false,
  // The buffered read path got its present functions in 5.12.
  'hooks.fentry filemap_get_pages': false,
  'hooks.fentry filemap_read': false,
  'hooks.kprobe filemap_get_pages': false,
  // Stock 5.10 lists the function in its BTF and refuses to attach to it (ENOTSUPP).
  'hooks.fentry iomap_write_end': false,
};

const LINUX_6_1 = {
  ...FULL,
  'kernel.release': /^6\.1\./,
  'hooks.raw_tracepoint mm_filemap_get_pages': false,
  // It has no tracepoint for O_DIRECT, and no trampolines for functions of seven arguments.
  'observe.ext4 raw_tp': false,
  'observe.ext4 fentry': false,
  'observe.tmpfs fentry': false,
};

const LINUX_6_12 = { ...FULL, 'kernel.release': /^6\.12\./ };

const NEWEST = { ...FULL, 'kernel.release': /^[7-9]\./ };

/** @type {ReadonlyMap<string, Expectation>} */
export const EXPECTED = new Map([
  ['5.10', LINUX_5_10],
  ['6.1', LINUX_6_1],
  ['6.12', LINUX_6_12],
  ['newest', NEWEST],
  ['6.1+preempt', LINUX_6_1],
  ['6.12+preempt', LINUX_6_12],
  ['newest+preempt', NEWEST],
  [
    '6.12+lockdown',
    {
      ...LINUX_6_12,
      ...refused(/locked down \(confidentiality\)/),
      lockdown: 'confidentiality',
      // Lockdown's last level forbids kprobes as well as reading kernel memory.
      'hooks.kprobe filemap_get_pages': false,
      'hooks.kprobe pipe_to_null': false,
    },
  ],
  [
    '6.12+no-btf',
    {
      ...LINUX_6_12,
      ...refused(/no description of its types/),
      btf: false,
      // These two, and fentry, are told their function by its number in BTF.
      'programTypes.tracing': false,
      'programTypes.lsm': false,
      'hooks.fentry filemap_get_pages': false,
      'hooks.fentry filemap_read': false,
      'hooks.fentry generic_perform_write': false,
      'hooks.fentry iomap_write_end': false,
      'hooks.fentry __fput': false,
    },
  ],
  [
    '6.12+unprivileged',
    {
      ...ALWAYS,
      ...refused(/CAP_BPF and CAP_PERFMON/),
      'kernel.release': /^6\.12\./,
      'capabilities.CAP_BPF': false,
      'capabilities.CAP_PERFMON': false,
      unprivilegedBpfDisabled: 2,
      btf: true,
      ...Object.fromEntries(Object.keys({ ...PROGRAM_TYPES, ...HOOKS }).map((key) => [key, false])),
    },
  ],
]);

/**
 * @param {Expectation} expected
 * @param {object} report what probe() said
 * @returns {string[]} one sentence for each difference
 */
export function differences(expected, report) {
  const hooks = Object.fromEntries(report.hooks.map((hook) => [`${hook.kind} ${hook.name}`, hook]));
  const ways = report.taps.observe?.ways ?? [];
  const observe = Object.fromEntries(ways.map((way) => [`${way.fileSystem} ${way.hooks}`, way]));
  const facts = { ...report, hooks, observe };
  return Object.entries(expected).flatMap(([path, wanted]) => {
    const found = path.split('.').reduce((value, key) => value?.[key], facts);
    return matches(wanted, found) ? [] : [`${path}: expected ${wanted}, found ${JSON.stringify(found)}`];
  });
}

function matches(wanted, found) {
  if (wanted instanceof RegExp) return wanted.test(typeof found === 'string' ? found : found?.reason);
  if (typeof wanted === 'boolean') return (typeof found === 'object' ? found.available : found) === wanted;
  return found === wanted;
}
