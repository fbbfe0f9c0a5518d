import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { taps } from '../../lib/engine/taps/table.js';
import { report } from '../helpers/probed.js';

it('probe() has a row for every tap, in the order of the table', () => {
  expect(Object.keys(report.taps)).toEqual(taps.map((tap) => tap.name));
});

it('probe() tries the hooks of every tap, in the order in which docs/kernels.md lists them', () => {
  const page = readFileSync(new URL('../../docs/kernels.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| (raw_tracepoint|fentry|kprobe) `(\w+)` \|/gm)];
  const tried = report.hooks.map(({ kind, name }) => `${kind} ${name}`);
  expect(tried).toEqual(listed.map(([, kind, name]) => `${kind} ${name}`));
  expect(tried.toSorted()).toEqual(
    taps.flatMap((tap) => tap.hooks.map(({ kind, name }) => `${kind} ${name}`)).toSorted(),
  );
});
