/** The command line tools that people sum files with today, where they are installed. */

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { AlgorithmName } from '#lib/engine/algorithms.js';
import { SluiceError } from '#lib/errors/errors.js';
import { hasProc } from '#lib/errors/policy.js';
import type { Contestant, Took } from '#lib/measure/rounds.js';
import { settle } from '#lib/measure/settling.js';
import { cpuTime } from './cpu-time.js';

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

function installed(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => statSync(join(folder, program), { throwIfNoEntry: false })?.isFile());
}

function time(command: readonly string[], file: string): { output: string; took: Took } {
  const before = cpuTime('self', 'its children that ended');
  const start = process.hrtime.bigint();
  const [program, ...args] = command as [string, ...string[]];
  const { status, stdout, stderr, error } = spawnSync(program, [...args, file], { encoding: 'utf8' });
  const wallNs = Number(process.hrtime.bigint() - start);
  if (error || status !== 0) {
    throw new SluiceError(
      'ERR_SLUICE_IO',
      `${program} failed on ${file} (${error?.message ?? stderr.trim()})`,
      {
        path: file,
        cause: error,
      },
    );
  }
  const after = cpuTime('self', 'its children that ended');
  return {
    output: stdout,
    took: {
      wallNs,
      userNs: after.userNs - before.userNs,
      systemNs: after.systemNs - before.systemNs,
    },
  };
}

function contestantOf(tool: Tool, file: string): Contestant {
  const forget = () => spawnSync('setfattr', ['-x', tool.remembers as string, file]);
  return {
    name: tool.name,
    parameters: { engine: 'other', algorithm: tool.algorithm, threads: 1, cache: 'warm' },
    async pass() {
      if (tool.remembers) forget();
      const { output, took } = time(tool.command, file);
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
    const needed = [tool.command[0], ...(tool.remembers ? ['setfattr'] : [])];
    const absent = needed.filter((program) => !installed(program));
    if (!hasProc()) missing.push(`${tool.name}: its CPU time is in /proc, which is not mounted`);
    else if (absent.length === 0) contestants.push(contestantOf(tool, file));
    else missing.push(`${tool.name}: ${absent.join(' and ')} is not installed`);
  }
  return { contestants, missing };
}
