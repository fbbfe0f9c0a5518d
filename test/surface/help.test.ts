// SPDX-License-Identifier: Apache-2.0
// What the command line shows to people: `--help` of every command. A change of the snapshot is read as its users read it.

import { expect, test } from 'vitest';
import { sluice } from '../cli/run.js';

/** The commands that a help lists: "  sum [options] …" in the part that begins with "Commands:". */
function commandsIn(help: string): string[] {
  const [list = ''] = help
    .split('\nCommands:\n')
    .slice(1)
    .flatMap((rest) => rest.split('\n\n'));
  return [...list.matchAll(/^ {2}(\w+)/gm)]
    .map(([, name]) => name as string)
    .filter((name) => name !== 'help');
}

async function allHelp(path: readonly string[]): Promise<Map<string, string>> {
  const { stdout, stderr, status } = await sluice([...path, '--help']);
  expect([status, stderr]).toEqual([0, '']);
  const found = new Map([[['sluice', ...path].join(' '), stdout]]);
  for (const name of commandsIn(stdout))
    for (const each of await allHelp([...path, name])) found.set(...each);
  return found;
}

test('--help of every command is what the snapshot says', async () => {
  const texts = await allHelp([]);
  expect([...texts.keys()]).toContain('sluice attr');
  for (const [command, text] of texts) expect(text).toMatchSnapshot(command);
});
