#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Shows which files are opened, by which process, and the descriptor or error that it got. Until Ctrl-C.
// @ts-check

import { fileURLToPath } from 'node:url';
import { getSystemErrorName, parseArgs } from 'node:util';
import { attachRawTracepoint, btfCodec, openObject, ringBuffer, SluiceError, u64 } from 'sluice/libbpf';

const usage = 'Usage: opensnoop.mjs [--pid PID] [--failed]\n';

/** @typedef {{ process: number, result: number, command: string, path: string }} Event */

function readOptions() {
  const { values } = parseArgs({
    options: {
      pid: { type: 'string', short: 'p' },
      failed: { type: 'boolean', short: 'x' },
      help: { type: 'boolean' },
    },
  });
  const pid = Number(values.pid ?? 0);
  if (!Number.isInteger(pid) || pid < 0) throw new TypeError(`"${values.pid}" is no process id`);
  return { pid, failed: values.failed ?? false, help: values.help ?? false };
}

async function snoop(pid, failed, signal) {
  const opened = openObject(fileURLToPath(new URL('../../build/examples/opensnoop.bpf.o', import.meta.url)));
  opened.variable('target_process').set(pid);
  const object = opened.load();
  const links = [
    attachRawTracepoint(object.program('enter'), 'sys_enter'),
    attachRawTracepoint(object.program('leave'), 'sys_exit'),
  ];
  const layout = btfCodec(object.btf, object.btf.find('event', 'struct') ?? 0);
  const events = ringBuffer(object.map('events'), {
    record: layout,
    lost: object.variable('lost', u64),
    signal,
  });
  console.log('PID      COMMAND          RESULT  PATH');
  try {
    for await (const record of events) {
      const { process, result, command, path } = /** @type {Event} */ (record);
      if (failed && result >= 0) continue;
      const shown = result < 0 ? getSystemErrorName(result) : String(result);
      console.log(`${String(process).padEnd(8)} ${command.padEnd(16)} ${shown.padEnd(7)} ${path}`);
    }
  } finally {
    if (events.lost) console.error(`${events.lost} events were lost: the ring was full`);
    for (const link of links) link.close();
    object.close();
  }
}

try {
  const { pid, failed, help } = readOptions();
  if (help) {
    process.stdout.write(usage);
  } else {
    const interrupted = new AbortController();
    for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => interrupted.abort());
    await snoop(pid, failed, interrupted.signal);
  }
} catch (error) {
  if (error instanceof SluiceError && error.code === 'ERR_SLUICE_ABORTED') process.exit(0);
  console.error(`opensnoop: ${/** @type {Error} */ (error).message}`);
  process.exitCode = error instanceof SluiceError ? error.exitStatus : 2;
}
