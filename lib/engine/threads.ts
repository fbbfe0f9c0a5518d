import { availableParallelism } from 'node:os';
import { native } from '../native/index.js';

/** The most threads that can sum at once, and the most that can relay. */
export const maxThreads: number = Math.min(native.maxThreads, Math.max(8, availableParallelism()));
