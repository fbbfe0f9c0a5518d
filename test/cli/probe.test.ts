import { describe, expect, it } from 'vitest';
import type { ProbeReport } from '../../lib/engine/probe.js';
import type { Finding } from '../../lib/engine/taps/tap.js';
import { sluice, sluiceUnprivileged } from './run.js';

function findings(report: ProbeReport): [string, Finding][] {
  const { backends, taps, programTypes, hooks, btf, ksyms } = report;
  return [
    ...Object.entries(backends),
    ...Object.entries(taps),
    ...taps.observe.ways.map((way): [string, Finding] => [`${way.fileSystem} by ${way.hooks}`, way]),
    ...Object.entries(programTypes),
    ...hooks.map((hook): [string, Finding] => [`${hook.kind} ${hook.name}`, hook]),
    ['type information (BTF)', btf],
    ['addresses of symbols', ksyms],
  ];
}

describe.each([
  ['as we are', sluice],
  ['without capabilities', sluiceUnprivileged],
])('%s', (_, command) => {
  it('the table says of everything in the report whether it is there, why, and what to do', async () => {
    const json = await command(['probe', '--json']);
    const table = await command(['probe']);
    for (const { stderr, status } of [json, table])
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const report = JSON.parse(json.stdout) as ProbeReport;
    expect(table.stdout).toContain(report.kernel.release);
    const lines = table.stdout.split('\n').map((line) => line.trim().replace(/ {2,}/g, '  '));
    for (const [name, { available, reason, remedy }] of findings(report)) {
      expect(lines).toContain(`${name}  ${available ? 'yes' : 'no'}  ${reason}`);
      if (remedy !== undefined) expect(lines).toContain(`→ ${remedy}`);
    }
    for (const [name, held] of Object.entries(report.capabilities)) {
      expect(lines).toContain(`${name}  ${held ? 'yes  held' : 'no  not held by this process'}`);
    }
  });
});

it('without capabilities the kernel engine is not there, and the remedy is to grant them', async () => {
  const { stdout } = await sluiceUnprivileged(['probe', '--json']);
  const { backends } = JSON.parse(stdout) as ProbeReport;
  expect(backends.userspace.available).toBe(true);
  expect(backends.bpf.available).toBe(false);
  expect(backends.bpf.remedy).toMatch(/CAP_BPF and CAP_PERFMON/);
});
