// SPDX-License-Identifier: Apache-2.0
// One boot: virtiofsd and QEMU started, a command run inside, everything gone afterwards whatever happened.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeDisks } from './disks.mjs';
import { Fault } from './fault.mjs';
import { makeInitramfs } from './initramfs.mjs';
import { advised, PATIENCE, splatIn, Watchdog } from './watchdog.mjs';

const INIT = fileURLToPath(new URL('init.sh', import.meta.url));
const TREE = fileURLToPath(new URL('../', import.meta.url)).replace(/\/$/, '');
const MEMORY = '2G';
/** Without the features for which the kernel would copy by `rep movsb`: emulated, that is a byte at a time. */
const CPU = 'max,-erms,-fsrm';
/** Console lines kept for a message about a machine that died. */
const LAST_LINES = 40;
/** And of one that complained: a panic's trace fills more than a screen. */
const TRACE_LINES = 400;

/**
 * @typedef {object} Job
 * @property {import('./kernels.mjs').Kernel} kernel
 * @property {string} command for sh, run in the working tree
 * @property {string} [append] further kernel parameters
 * @property {Partial<import('./watchdog.mjs').Patience>} [patience]
 * @property {import('node:stream').Readable} [input] bytes for the command's terminal, passed on once the command
 *   has reported {"event":"input"}: what reaches a UART that nobody has opened is lost
 * @property {(bytes: Buffer) => void} [onOutput]
 * @property {(name: string) => string} tool absolute path of a host program
 * @property {AbortSignal} [signal]
 *
 * @typedef {object} Outcome
 * @property {number | undefined} status the command's exit status; undefined where the machine did not get that far
 * @property {string[]} faults what went wrong outside the command: splats, panics, deadlines
 * @property {Record<string, unknown>[]} reports the JSON objects the command wrote to $SLUICE_VM_REPORT
 * @property {string} lastLines the end of the console
 * @property {number} seconds
 */

/**
 * @param {Job} job
 * @returns {Promise<Outcome>}
 * @throws {Fault} when the machine cannot be started; the signal's reason when it is aborted
 */
export async function boot(job) {
  if (/\s/.test(TREE))
    throw new Fault(`The working tree's path has a blank in it (${TREE}); a kernel parameter cannot.`);
  const run = mkdtempSync(join(tmpdir(), 'sluice-vm-'));
  const children = [];
  try {
    job.signal?.throwIfAborted();
    writeFileSync(join(run, 'job'), job.command);
    const socket = await startVirtiofsd(run, job.tool, children);
    return await runMachine(job, run, socket, children);
  } finally {
    await Promise.all(children.map(stop));
    rmSync(run, { recursive: true, force: true });
    removeLock(join(run, 'fs.sock'));
  }
}

/** virtiofsd's lock on its socket path, which it leaves behind when it is killed. */
function removeLock(socket) {
  try {
    rmSync(`/var/run/virtiofsd/${socket.replaceAll('/', '.')}.pid`, { force: true });
  } catch (error) {
    // Whoever may not look into that folder has put nothing there.
    if (error.code !== 'EACCES') throw error;
  }
}

async function startVirtiofsd(run, tool, children) {
  const socket = join(run, 'fs.sock');
  const child = start(tool, 'virtiofsd', [
    ...['-f', `--socket-path=${socket}`, '-o', 'source=/', '-o', 'cache=always', '-o', 'sandbox=chroot'],
  ]);
  children.push(child);
  let said = '';
  child.stderr.on('data', (bytes) => (said += bytes));
  for (let waited = 0; !existsSync(socket); waited += 10) {
    if (child.exitCode !== null || waited > 10_000) {
      const remedy = process.geteuid() === 0 ? '' : '\nIt shares / with the machine, so run this as root.';
      throw new Fault(
        `virtiofsd did not start, so the machine would have no root: ${said.trim() || 'no reason given'}${remedy}`,
      );
    }
    await sleep(10);
  }
  return socket;
}

async function runMachine(job, run, socket, children) {
  const { kernel } = job;
  const began = performance.now();
  const qemu = start(job.tool, 'qemu-system-x86_64', qemuArguments(job, run, socket), [
    'pipe',
    'pipe',
    'pipe',
  ]);
  children.push(qemu);
  const [, , stderr, console_, output, report] = qemu.stdio;

  /** @type {Outcome} */
  const outcome = { status: undefined, faults: [], reports: [], lastLines: '', seconds: 0 };
  const lastLines = [];
  let qemuSaid = '';
  const watchdog = new Watchdog({ ...PATIENCE, ...job.patience }, (reason) => {
    outcome.faults.push(reason);
    qemu.kill('SIGKILL');
  });
  const onInput = (bytes) => output.write(bytes);
  const onAbort = () => qemu.kill('SIGKILL');
  job.signal?.addEventListener('abort', onAbort);

  stderr.on('data', (bytes) => (qemuSaid += bytes));
  onLines(console_, watchdog, (line) => {
    lastLines.push(line);
    if (lastLines.length > (outcome.faults.length > 0 ? TRACE_LINES : LAST_LINES)) lastLines.shift();
    const splat = splatIn(line);
    if (splat) outcome.faults.push(advised(splat));
  });
  onLines(report, watchdog, (line) => {
    const { event, ...rest } = parseReport(line);
    if (event === 'ready') watchdog.ready();
    else if (event === 'input') job.input?.on('data', onInput);
    else if (event === 'exit') outcome.status = rest.status;
    else if (event === 'malformed') outcome.faults.push(`a report is not JSON: ${line.slice(0, 200)}`);
    else outcome.reports.push({ event, ...rest });
  });
  output.on('data', (bytes) => {
    watchdog.alive();
    job.onOutput?.(bytes);
  });

  try {
    // "close": all channels have been read to their end, so nothing the machine said is lost.
    await once(qemu, 'close');
  } finally {
    watchdog.stop();
    job.signal?.removeEventListener('abort', onAbort);
    job.input?.off('data', onInput);
  }
  job.signal?.throwIfAborted();
  if (lastLines.length === 0 && outcome.status === undefined && outcome.faults.length === 0) {
    throw new Fault(`QEMU did not start kernel ${kernel.name}: ${qemuSaid.trim() || endedInSilence(kernel)}`);
  }
  if (outcome.status === undefined && outcome.faults.length === 0) {
    outcome.faults.push(`the machine ended without an exit status ${qemuSaid.trim()}`.trim());
  }
  outcome.lastLines = lastLines.join('\n');
  outcome.seconds = (performance.now() - began) / 1000;
  return outcome;
}

/** QEMU reads the header of an image; what comes behind it only the kernel itself finds wrong, without a console yet. */
function endedInSilence({ image, root }) {
  const remedy = root ? `remove ${root} to have it fetched again` : 'build it again';
  return `the machine ended before the kernel said a word. ${image} may be damaged or cut short: ${remedy}.`;
}

function qemuArguments({ kernel, append = '', tool }, run, socket) {
  const args = [
    // TCG always: the machine must be the same wherever it runs, and hosts without nested KVM are common.
    ...['-accel', 'tcg,thread=multi,tb-size=512', '-cpu', CPU, '-M', 'q35', '-smp', '2', '-m', MEMORY],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-object', `memory-backend-memfd,id=mem,size=${MEMORY},share=on`, '-numa', 'node,memdev=mem'],
    ...['-chardev', `socket,id=fs,path=${socket}`, '-device', 'vhost-user-fs-pci,chardev=fs,tag=host'],
    ...['console', 'output', 'report'].flatMap((id, i) => [
      ...['-chardev', `socket,id=${id},fd=${3 + i}`, '-serial', `chardev:${id}`],
    ]),
    ...['-device', 'nvme,id=nvme,serial=sluice'],
    ...makeDisks(run, tool).flatMap((path, i) => [
      ...['-drive', `file=${path},if=none,id=d${i},format=raw,cache=unsafe`],
      ...['-device', `nvme-ns,bus=nvme,drive=d${i},nsid=${i + 1}`],
    ]),
    ...['-kernel', kernel.image],
  ];
  const initramfs = makeInitramfs(kernel, tool);
  if (initramfs) {
    const path = join(run, 'initramfs');
    writeFileSync(path, initramfs);
    args.push('-initrd', path);
  }
  const parameters = [
    'console=ttyS0 loglevel=5 panic=-1 oops=panic',
    // An emulated CPU that shares its host is slow; only a minute without progress is a stall.
    'watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=60',
    initramfs ? `SLUICE_VM_INIT=${INIT}` : `root=host rootfstype=virtiofs ro init=${INIT}`,
    `SLUICE_VM_RUN=${run} SLUICE_VM_TREE=${TREE}`,
    kernel.root ? `SLUICE_VM_MODULES=${kernel.root}` : '',
    append,
  ];
  args.push('-append', parameters.filter((text) => text !== '').join(' '));
  return args;
}

/** The child dies with this process even where it is killed without a chance to clean up. */
function start(tool, name, args, channels = []) {
  return spawn(tool('setpriv'), ['--pdeathsig', 'KILL', '--', tool(name), ...args], {
    stdio: ['ignore', 'ignore', 'pipe', ...channels],
  });
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function parseReport(line) {
  try {
    return JSON.parse(line);
  } catch {
    return { event: 'malformed' };
  }
}

function onLines(stream, watchdog, onLine) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text) => {
    watchdog.alive();
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop();
    lines.forEach(onLine);
  });
  stream.on('end', () => rest !== '' && onLine(rest));
}
