// SPDX-License-Identifier: Apache-2.0
// What the inner loops cost, in the objects that ship, against the table in bpf/reduce/README.md: a change that makes
// the compiler spill a register, or take a term twice, shows here before it shows in a measurement.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

interface Instruction {
  /** In 8-byte units, in which jumps count; a 64-bit constant takes two. */
  index: number;
  text: string;
}

function disassemble(object: string): Map<string, Instruction[]> {
  const text = execFileSync('llvm-objdump-19', ['-d', '--no-show-raw-insn', object], { encoding: 'utf8' });
  const functions = new Map<string, Instruction[]>();
  let body: Instruction[] = [];
  for (const line of text.split('\n')) {
    const name = /^[0-9a-f]+ <(\w+)>:$/.exec(line)?.[1];
    if (name) {
      body = [];
      functions.set(name, body);
    }
    const [, index, instruction] = /^ +(\d+):\t(.+)$/.exec(line) ?? [];
    if (instruction) body.push({ index: Number(index), text: instruction });
  }
  return functions;
}

/** How many instructions each innermost loop has, in the order of the code. */
function innermostLoops(body: readonly Instruction[]): number[] {
  const loops = body.flatMap(({ index, text }) => {
    const back = /goto -0x([0-9a-f]+)/.exec(text)?.[1];
    return back ? [{ first: index + 1 - Number.parseInt(back, 16), last: index }] : [];
  });
  const innermost = loops.filter(
    (loop) => !loops.some((other) => other !== loop && other.first >= loop.first && other.last < loop.last),
  );
  return innermost.map(
    ({ first, last }) => body.filter(({ index }) => index >= first && index <= last).length,
  );
}

/** A number that a header defines. */
function define(header: string, name: string): number {
  const value = new RegExp(`^#define ${name} (\\d+)\\b`, 'm').exec(readFileSync(path(header), 'utf8'))?.[1];
  if (!value) throw new Error(`${header} has no ${name}`);
  return Number(value);
}

const steps = {
  adler32: define('bpf/reduce/adler32.bpf.h', 'ADLER32_STEP'),
  crc: define('bpf/reduce/work.bpf.h', 'SLUICE_STEP'),
};
const functions = disassemble(path('build/bpf/pipe.bpf.o'));
const table = readFileSync(path('bpf/reduce/README.md'), 'utf8');

test.each([
  ['Adler-32', 'adler32', steps.adler32],
  ['CRC-32', 'crc32', steps.crc],
  ['CRC-32C', 'crc32c', steps.crc],
  ['CRC-64/NVME', 'crc64nvme', steps.crc],
])('instructions for each byte of %s', (title, name, step) => {
  const perByte = (body: string) =>
    innermostLoops(functions.get(body) ?? []).map((instructions) => instructions / step);
  const found = [...perByte(`reduce_${name}`), ...perByte(`reduce_${name}_at`)];

  const row = new RegExp(`^\\| ${title} \\| ${step} \\| (.*) \\|$`, 'm').exec(table)?.[1];
  const kept = row
    ?.split(' | ')
    .filter((cell) => cell !== '–')
    .map(Number);
  expect(kept, `bpf/reduce/README.md has to have a row with ${found.map((n) => n.toFixed(3))}`).toHaveLength(
    found.length,
  );
  found.forEach((value, i) => {
    expect(value / (kept?.[i] ?? Number.NaN), `${value.toFixed(3)} instructions`).toBeGreaterThan(0.95);
    expect(value / (kept?.[i] ?? Number.NaN), `${value.toFixed(3)} instructions`).toBeLessThan(1.05);
  });
});
