import { probe } from '../../lib/index.js';

const report = probe();

/**
 * The engines that this machine must have. The kernel engine is left out only where the probe names something that is
 * missing on purpose; test/kernel holds the table of what each kernel must offer.
 */
export const engines: readonly ('kernel' | 'userspace')[] = report.engines.bpf.available
  ? ['kernel', 'userspace']
  : ['userspace'];
