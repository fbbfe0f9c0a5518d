/** Hooks for which libbpf needs tracefs, where it is not to be had: the refusal says so, and what to do. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

interface Refusal {
  code: string;
  message: string;
}

/** What attaching comes to in a mount namespace of its own, after the command. */
function attachedAfter(prepare: string): Record<'tracepoint' | 'kprobe' | 'uprobe', Refusal | null> {
  const child = fileURLToPath(new URL('programs/tracefs.mjs', import.meta.url));
  const output = execFileSync(
    'unshare',
    ['--mount', 'sh', '-c', `${prepare}; exec "$0" "$1"`, process.execPath, child],
    { encoding: 'utf8' },
  );
  return JSON.parse(output);
}

it('a tracepoint without tracefs is refused with the command that mounts it', () => {
  const { tracepoint, kprobe, uprobe } = attachedAfter('umount -a -t tracefs,debugfs');
  expect(tracepoint).toEqual({
    code: 'ERR_SLUICE_BPF',
    message:
      'The kernel refused to attach the program on_tracepoint: tracefs is not mounted at /sys/kernel/tracing. Mount it: mount -t tracefs tracefs /sys/kernel/tracing',
  });
  // With perf's own probes a kprobe does without. Nothing is wrong with tracefs where the program's file is missing.
  if (kprobe) expect(kprobe.message).toContain('tracefs is not mounted');
  expect(uprobe?.message).toContain('/no/such/program');
});

it('a tracepoint that there is not, in a tracefs that is mounted, is not blamed on tracefs', () => {
  const { tracepoint } = attachedAfter(
    'umount -a -t tracefs,debugfs; mount -t tracefs tracefs /sys/kernel/tracing',
  );
  expect(tracepoint?.message ?? '').not.toContain('tracefs is');
});
