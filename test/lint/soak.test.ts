import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/soak.mjs', import.meta.url));

function soak(...args: string[]) {
  // This run's vitest is not the one that it starts.
  const env = { PATH: process.env['PATH'] };
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', env });
}

it('a soak run without a name lists them all', () => {
  const { status, stdout } = soak();
  expect(status).toBe(0);
  for (const name of ['relay-random', 'observe-random', 'observe-machines', 'bench'])
    expect(stdout).toContain(`  ${name}`);
});

it('a soak run makes at least one round, with the seed that it is given', () => {
  const { status, stdout, stderr } = soak('relay-random', '--minutes', '0', '--seed', '5');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout.match(/^seed .*$/gm)).toEqual(['seed 5']);
});

it.each([
  [['nothing'], "There is no run 'nothing'. There are relay-random, "],
  [['relay-random', '--minutes', 'few'], "--minutes takes a number, not 'few'."],
  [['bench', '--minutes', '5'], "'bench' takes as long as it takes: leave out --minutes."],
])('a soak run refuses %j', (args, message) => {
  const { status, stderr } = soak(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});
