/** `sluice probe`: shows what this machine can do, why not, and what to do about it. */

import Table from 'cli-table3';
import { type Command, createCommand } from 'commander';
import { type ProbeReport, probe } from '../../engine/probe.js';
import type { Finding } from '../../engine/taps/tap.js';

const help = `
Backends reduce bytes to a checksum; taps are where they see the bytes. An empty BPF program is loaded and attached for
an instant to find out what this kernel and this user may do. Run it as the user, and with the capabilities, of the
process that will do the work.

Exit status: 0, whatever is found; 2 the command line is wrong.`;

type Row = readonly [what: string, finding: Finding];

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

function section(title: string, rows: readonly Row[]): string {
  const table = new Table({
    chars: borderless,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const [what, { available, reason, remedy }] of rows) {
    table.push([
      `  ${what}`,
      available ? 'yes' : 'no',
      remedy === undefined ? reason : `${reason}\n→ ${remedy}`,
    ]);
  }
  return `${title}\n${table.toString().replace(/ +$/gm, '')}\n`;
}

function facts(report: ProbeReport): readonly Row[] {
  const { lockdown, unprivilegedBpfDisabled } = report;
  const held = Object.entries(report.capabilities).map(
    ([name, available]): Row => [
      name,
      { available, reason: available ? 'held' : 'not held by this process' },
    ],
  );
  const confidential = lockdown === 'confidentiality';
  return [
    ...held,
    [
      'kernel memory readable by BPF',
      {
        available: !confidential,
        reason: lockdown === undefined ? 'this kernel shows no lockdown' : `lockdown is ${lockdown}`,
        ...(confidential && { remedy: 'Boot without lockdown=confidentiality.' }),
      },
    ],
    [
      'BPF for unprivileged users',
      {
        available: unprivilegedBpfDisabled === 0,
        reason: `kernel.unprivileged_bpf_disabled is ${unprivilegedBpfDisabled ?? 'not to be read'}`,
      },
    ],
    ['type information (BTF)', report.btf],
    ['addresses of symbols', report.ksyms],
    ['kfunc module', report.kfuncModule],
  ];
}

/** The report as a person reads it: the answers first, then what they rest on. */
export function formatReport(report: ProbeReport): string {
  const { kernel, backends, taps, programTypes, hooks } = report;
  return [
    `Linux ${kernel.release} ${kernel.architecture}\n`,
    section('Backends', Object.entries(backends)),
    section('Taps', Object.entries(taps)),
    section(
      'Writes that other programs make can be observed',
      taps.observe.ways.map(({ fileSystem, hooks, ...way }): Row => [`${fileSystem} by ${hooks}`, way]),
    ),
    section('This kernel and this process', facts(report)),
    section('Program types that load', Object.entries(programTypes)),
    section(
      'Hooks that attach',
      hooks.map(({ kind, name, ...finding }): Row => [`${kind} ${name}`, finding]),
    ),
  ].join('\n');
}

export function probeCommand(): Command {
  return createCommand('probe')
    .description('show which backends and taps work on this machine, and why not')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', help)
    .action(({ json }: { json?: true }) => {
      const report = probe();
      process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
    });
}
