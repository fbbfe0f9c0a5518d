import { completionTap } from './completion.js';
import { observeTap } from './observe.js';
import { pipeTap } from './pipe.js';
import type { Tap } from './tap.js';

/** All taps, in the order in which probe() lists them. */
export const taps: readonly Tap[] = [pipeTap, observeTap, completionTap];
