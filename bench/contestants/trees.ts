/**
 * Trees of many small files: the commands of this package and those that people use today, each in a process of its
 * own, whose start counts. What walks no folders is given its files by find and xargs.
 */

import { join } from 'node:path';
import { defaultThreads } from '#lib/checksum/options.js';
import { SluiceError } from '#lib/errors/errors.js';
import type { Contestant } from '#lib/measure/rounds.js';
import { packageRoot } from '#lib/native/index.js';
import { runProgram, whyNot } from './processes.js';

export interface Tree {
  folder: string;
  /** How many files, and how many bytes they have together. */
  files: number;
  bytes: number;
}

type Command = readonly [program: string, ...args: string[]];

interface TreeTool {
  name: string;
  backend: 'userspace' | 'other';
  threads: number;
  /** Programs without which it does not run. */
  needs: readonly string[];
  command(folder: string): Command;
  /** Of all files, from what it prints; undefined where its checksum is another one. */
  value(output: string, tree: Tree): bigint | undefined;
}

const sluice: Command = [process.execPath, join(packageRoot, 'dist', 'cli', 'main.js')];

function onFilesOf(folder: string, command: readonly string[]): Command {
  return ['sh', '-c', 'find "$0" -type f -print0 | xargs -0 "$@"', folder, ...command];
}

/** Of lines that begin with a crc32. */
function sumOfLines(output: string): bigint {
  const lines = output.trimEnd().split('\n');
  return lines.reduce((sum, line) => sum + BigInt(`0x${line.slice(0, 8)}`), 0n);
}

/** A run that verified less than all files proves nothing of its speed. */
function checkTotals(output: string, { folder, files }: Tree): undefined {
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  const { totals } = JSON.parse(last) as { totals: { ok: number } };
  if (totals.ok === files) return undefined;
  throw new SluiceError('ERR_SLUICE_IO', `${totals.ok} of the ${files} files in ${folder} were found ok`, {
    path: folder,
  });
}

function verify(threads: number): TreeTool {
  return {
    name: `sluice verify, ${threads} thread${threads > 1 ? 's' : ''}`,
    backend: 'userspace',
    threads,
    needs: [],
    command: (folder) => [...sluice, 'verify', '--json', '--threads', String(threads), folder],
    value: checkTotals,
  };
}

/** The first that is installed is the baseline of the ratios. */
const tools: readonly TreeTool[] = [
  {
    name: 'rhash --crc32 -r',
    backend: 'other',
    threads: 1,
    needs: ['rhash'],
    command: (folder) => ['rhash', '--printf=%{crc32}\\n', '-r', folder],
    value: sumOfLines,
  },
  ...['cksum', 'xxhsum'].map(
    (program): TreeTool => ({
      name: `find | xargs ${program}`,
      backend: 'other',
      threads: 1,
      needs: ['find', 'xargs', program],
      command: (folder) => onFilesOf(folder, [program]),
      value: () => undefined,
    }),
  ),
  {
    name: 'find | xargs sluice sum',
    backend: 'userspace',
    threads: defaultThreads,
    needs: ['find', 'xargs'],
    command: (folder) => onFilesOf(folder, [...sluice, 'sum', '-a', 'crc32']),
    value: sumOfLines,
  },
  ...[...new Set([1, defaultThreads])].map(verify),
];

/** Stores the crc32 of each file with it, and gives what can be measured here, and why the rest can't. */
export async function treeContestants(
  tree: Tree,
  signal: AbortSignal | undefined,
): Promise<{ contestants: Contestant[]; missing: string[] }> {
  await runProgram([...sluice, 'verify', '--store', '-a', 'crc32', tree.folder], signal);
  const contestants: Contestant[] = [];
  const missing: string[] = [];
  for (const { name, backend, threads, needs, command, value } of tools) {
    const why = whyNot(needs);
    if (why !== undefined) {
      missing.push(`${name}: ${why}`);
      continue;
    }
    contestants.push({
      name,
      parameters: { backend, algorithm: 'crc32', threads, files: tree.files },
      pass: async (now) => {
        const { output, took } = await runProgram(command(tree.folder), now);
        return { bytes: tree.bytes, value: value(output, tree), took };
      },
    });
  }
  return { contestants, missing };
}
