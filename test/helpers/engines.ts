import type { Backend } from '../../lib/index.js';
import { report } from './probed.js';

const { CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN } = report.capabilities;
/** What the kernel engine is made of. Where all of it is there, the engine must be, or tests would leave it out unseen. */
const parts =
  (CAP_SYS_ADMIN || (CAP_BPF && CAP_PERFMON)) &&
  report.btf.available &&
  report.programTypes['syscall']?.available === true &&
  report.lockdown !== 'confidentiality';
const { available, reason } = report.backends.bpf;
if (parts && !available) throw new Error(`This kernel has all that the kernel engine needs, but: ${reason}`);

/** The engines of this machine. test/kernel holds the table of what each kernel must offer. */
export const engines: readonly ('kernel' | 'userspace')[] = available
  ? ['kernel', 'userspace']
  : ['userspace'];

/** What they reduce by. */
export const backends: readonly Backend[] = engines.map((engine) =>
  engine === 'kernel' ? 'bpf' : 'userspace',
);
