import { randomBytes } from 'node:crypto';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { Observed } from './observing.js';

const base = temporaryFolder();

it('stats say what the programs saw, and what of their CPU time was measured', async () => {
  const root = join(base, 'inside');
  mkdirSync(root);
  const observed = new Observed(root, { method: 'follow', cpuTime: true });
  const path = join(root, 'file');
  writeFileSync(join(base, 'outside'), randomBytes(100_000));
  writeFileSync(path, randomBytes(3_000_000));
  await observed.value(path);
  const programs = observed.observation.stats.programs;
  expect(programs).toMatchObject({ bytes: 3_000_000, entries: 1, refused: 0, lost: 0 });
  for (const count of ['writes', 'outside', 'notes', 'runs', 'cpuNs'] as const)
    expect(programs?.[count], count).toBeGreaterThan(0);
  await observed.observation[Symbol.asyncDispose]();
  expect(observed.observation.stats.programs).toMatchObject({ bytes: 3_000_000 });
});

it('stats count rereads and what was retracted by the reason', async () => {
  const root = join(base, 'reasons');
  mkdirSync(root);
  const observed = new Observed(root, { method: 'follow', profiles: ['storm'] });
  const [shrunk, overwritten] = [join(root, 'shrunk'), join(root, 'overwritten')];
  writeFileSync(shrunk, randomBytes(100_000));
  await observed.value(shrunk);
  truncateSync(shrunk, 50_000);
  expect(await observed.value(shrunk, 1)).toMatchObject({ origin: 'reread', reason: 'truncated' });
  writeFileSync(overwritten, randomBytes(100_000));
  await observed.value(overwritten);
  const before = observed.events.length;
  writeFileSync(overwritten, 'x', { flag: 'r+' });
  expect(await observed.value(overwritten, before)).toMatchObject({ origin: 'reread', reason: 'gaps' });
  const { rereads, retracted, unknown } = observed.observation.stats;
  // A file that was still being closed is begun again.
  expect(rereads.truncated).toBeGreaterThan(0);
  expect(rereads.gaps).toBeGreaterThan(0);
  expect(rereads.mapped).toBe(0);
  const told = (reason: string) =>
    observed.events.filter((event) => event.type === 'retracted' && event.reason === reason).length;
  expect(retracted).toEqual({ open: told('open'), changed: told('changed') });
  expect(retracted.changed).toBeGreaterThan(1);
  expect(unknown).toEqual({ differs: 0, linked: 0, failed: 0 });
});
