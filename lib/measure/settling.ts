import { setTimeout } from 'node:timers/promises';

/** Longer than the two ticks of the clock for which the engines wait after a change of a file. */
const settlingMs = 50;

/** Waits until a file that was just changed is measured without that wait. */
export async function settle(): Promise<void> {
  await setTimeout(settlingMs);
}
