/** CPU time of processes that are not this one, from /proc. */

import { readdirSync, readFileSync } from 'node:fs';
import { withoutProc } from '#lib/system/policy.js';

export interface CpuTime {
  userNs: number;
  systemNs: number;
}

/** In nanoseconds: USER_HZ is 100, part of the kernel's interface on all architectures that Node.js runs on. */
const clockTick = 1e7;

/** utime and stime of proc_pid_stat(5), or cutime and cstime, counted from the field behind the name. */
const firstField = { itself: 11, 'its children that ended': 13 } as const;

function ticksOf(pid: number | 'self', of: keyof typeof firstField): CpuTime {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    throw withoutProc('The CPU time of a process can be measured', error as Error) ?? error;
  }
  // The second field, a name in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = (field: number) => Number(fields[field]);
  const first = firstField[of];
  return { userNs: ticks(first) * clockTick, systemNs: ticks(first + 1) * clockTick };
}

/** Of the threads that have not ended, to the nanosecond; undefined where the kernel does not tell (CONFIG_SCHED_INFO). */
function runTime(pid: number | 'self'): number | undefined {
  const threads = `/proc/${pid}/task`;
  try {
    const each = readdirSync(threads).map((thread) =>
      Number(readFileSync(`${threads}/${thread}/schedstat`, 'latin1').split(' ')[0]),
    );
    return each.reduce((sum, ns) => sum + ns, 0) || undefined;
  } catch {
    return undefined;
  }
}

/** Processes of this name, as the kernel cuts it to 15 bytes, that this one has started; none where it does not tell. */
export function childrenNamed(name: string): number[] {
  try {
    return readdirSync('/proc/self/task')
      .flatMap((thread) => readFileSync(`/proc/self/task/${thread}/children`, 'latin1').split(' '))
      .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/comm`, 'latin1').trim() === name)
      .map(Number);
  } catch {
    return [];
  }
}

/**
 * Of a process that runs as exactly as the kernel tells, else in steps of 10 ms.
 *
 * @throws SluiceError where /proc is not mounted
 */
export function cpuTime(pid: number | 'self', of: keyof typeof firstField): CpuTime {
  const ticks = ticksOf(pid, of);
  const ns = of === 'itself' ? runTime(pid) : undefined;
  const counted = ticks.userNs + ticks.systemNs;
  if (ns === undefined || counted === 0) return ticks;
  // The kernel, too, divides what ran by the ticks that met it.
  const userNs = (ns * ticks.userNs) / counted;
  return { userNs, systemNs: ns - userNs };
}
