import { type ProbeReport, probe } from '../../lib/index.js';

/** What probe() finds here, asked once for all files of tests that share a process: in an emulated machine it takes a while. */
export const report: ProbeReport = probe();
