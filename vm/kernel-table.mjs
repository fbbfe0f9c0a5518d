// SPDX-License-Identifier: Apache-2.0
// docs/kernels.md: what works where, from the answers of a run.

/** By which hooks what is written to a file system can be seen. */
function waysOf(probe, fileSystem) {
  const ways = probe.taps.observe.ways.filter((way) => way.available && way.fileSystem === fileSystem);
  return ways.map(({ hooks }) => hooks).join(', ');
}

/**
 * @param {import('./suites.mjs').Verdict[]} verdicts
 * @returns {string} Markdown
 */
export function kernelTable(verdicts) {
  const columns = verdicts.map(({ cell, probe, tests }) => ({ cell, probe, tests }));
  const mark = (finding) => (finding?.available ? 'yes' : 'no');
  const first = columns[0].probe;
  const rows = [
    ['Release', ({ probe }) => probe.kernel.release.replace(/-cloud-amd64$/, '')],
    ['Backend `bpf`', ({ probe }) => mark(probe.backends.bpf)],
    ['Page addresses from symbols', ({ probe }) => mark(probe.ksyms)],
    ...Object.keys(first.taps).map((tap) => [`Tap \`${tap}\``, ({ probe }) => mark(probe.taps[tap])]),
    ...[...new Set(first.taps.observe.ways.map(({ fileSystem }) => fileSystem))].map((name) => [
      `Observed on ${name} by`,
      ({ probe }) => waysOf(probe, name) || 'no',
    ]),
    ...Object.keys(first.programTypes).map((type) => [
      `Programs \`${type}\``,
      ({ probe }) => mark(probe.programTypes[type]),
    ]),
    ...first.hooks.map(({ kind, name }, i) => [`${kind} \`${name}\``, ({ probe }) => mark(probe.hooks[i])]),
    ['Tests passed', ({ tests }) => String(tests.passed)],
  ];
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const refused = columns.filter(({ probe }) => !probe.backends.bpf.available);
  return [
    '# Kernels',
    '',
    'Written by `npm run vm:all`, which boots each of these kernels and runs the kernel test suites in it with the',
    'objects that ship. Do not edit. `6.12+preempt` is kernel 6.12 booted with the parameter set `preempt` of',
    "`vm/matrix.mjs`; `newest` is the newest kernel of Debian's backports.",
    '',
    line(['', ...columns.map(({ cell }) => cell)]),
    line(['---', ...columns.map(() => '---')]),
    ...rows.map(([title, value]) => line([title, ...columns.map(value)])),
    '',
    '## Where the kernel engine is refused, and why',
    '',
    ...refused.map(({ cell, probe }) => `- **${cell}**: ${probe.backends.bpf.reason}.`),
    '',
  ].join('\n');
}
