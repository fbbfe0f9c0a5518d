/** On what it was measured. */

import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { arch, availableParallelism, cpus, release, totalmem } from 'node:os';
import { native } from '../native/index.js';
import { version } from '../version.js';

export interface Machine {
  kernel: string;
  architecture: string;
  cpu: string;
  cores: number;
  memoryBytes: number;
  node: string;
  sluice: string;
  simd: string;
  /** Of the folder that was measured in. */
  fileSystem: string;
  /** The frequency governor, or undefined where the kernel shows none, as in most virtual machines. */
  governor: string | undefined;
  virtual: boolean;
  /** Whether free pages are reported to the hypervisor, which takes them back and gives them anew when they are used. */
  freePageReporting: boolean;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** The type of the file system that a folder lies on: of the longest mount point that it begins with, proc_pid_mountinfo(5). */
export function fileSystemOf(folder: string): string {
  const path = realpathSync(folder);
  let found = { point: '', type: 'unknown' };
  for (const line of (read('/proc/self/mountinfo') ?? '').split('\n')) {
    const [mount, source] = line.split(' - ') as [string, string | undefined];
    const escaped = mount.split(' ')[4] ?? '';
    const point = escaped.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
    const holds = point === '/' || path === point || path.startsWith(`${point}/`);
    // Of several on one point, the last was mounted on top.
    if (holds && point.length >= found.point.length) {
      found = { point, type: source?.split(' ')[0] ?? 'unknown' };
    }
  }
  return found.type;
}

/** What the balloon device has agreed on, a digit for each bit from 0 on: virtio 1.2, section 5.5.3. */
function reportsFreePages(): boolean {
  const driver = '/sys/bus/virtio/drivers/virtio_balloon';
  try {
    return readdirSync(driver).some((device) => read(`${driver}/${device}/features`)?.[5] === '1');
  } catch {
    return false; // no such driver
  }
}

export function machine(folder: string): Machine {
  return {
    kernel: release(),
    architecture: arch(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.versions.node,
    sluice: version,
    simd: native.simdLevel(),
    fileSystem: fileSystemOf(folder),
    governor: read('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
    virtual: /^flags\s*:.*\bhypervisor\b/m.test(read('/proc/cpuinfo') ?? ''),
    freePageReporting: reportsFreePages(),
  };
}
