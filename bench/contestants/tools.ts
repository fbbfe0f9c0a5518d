/** The command line tools that people sum files with today, where they are installed. */

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import type { AlgorithmName } from '#lib/engine/algorithms.js';
import type { Contestant } from '#lib/measure/rounds.js';

import { settle } from '#lib/measure/settling.js';
import { runProgram, whyNot } from './processes.js';

interface Tool {
  name: string;
  algorithm: AlgorithmName;
  command: readonly [string, ...string[]];
  /** From what it prints; undefined where its checksum is another one. */
  value(output: string): bigint | undefined;
  /** An extended attribute that would spare it the work the next time. */
  remembers?: string;
}

const hexadecimal = (output: string) => BigInt(`0x${output.trim().split(/\s/)[0]}`);

const tools: readonly Tool[] = [
  {
    name: 'xrdadler32',
    algorithm: 'adler32',
    command: ['xrdadler32'],
    value: hexadecimal,
    remembers: 'user.XrdCks.adler32',
  },
  { name: 'rhash', algorithm: 'crc32', command: ['rhash', '--printf=%{crc32}'], value: hexadecimal },
  { name: 'rhash', algorithm: 'crc32c', command: ['rhash', '--printf=%{crc32c}'], value: hexadecimal },
  { name: 'cksum (POSIX CRC)', algorithm: 'crc32', command: ['cksum'], value: () => undefined },
];

function contestantOf(tool: Tool, file: string): Contestant {
  const forget = () => spawnSync('setfattr', ['-x', tool.remembers as string, file]);
  return {
    name: tool.name,
    parameters: { backend: 'other', algorithm: tool.algorithm, threads: 1, cache: 'warm' },
    async pass(signal) {
      if (tool.remembers) forget();
      const { output, took } = await runProgram([...tool.command, file], signal);
      if (tool.remembers) {
        // Else the next contestant would pay for the change of the file's time stamps.
        forget();
        await settle();
      }
      return { bytes: statSync(file).size, value: tool.value(output), took };
    },
  };
}

/** Tools for the algorithm that can be measured here, and why the others can't. */
export function toolContestants(
  algorithm: AlgorithmName,
  file: string,
): { contestants: Contestant[]; missing: string[] } {
  const contestants: Contestant[] = [];
  const missing: string[] = [];
  for (const tool of tools.filter((each) => each.algorithm === algorithm)) {
    const why = whyNot([tool.command[0], ...(tool.remembers ? ['setfattr'] : [])]);
    if (why === undefined) contestants.push(contestantOf(tool, file));
    else missing.push(`${tool.name}: ${why}`);
  }
  return { contestants, missing };
}
