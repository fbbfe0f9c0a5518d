/** What reduces bytes, and what is asked for when one of them is wanted. */

import { type Backend, backends } from '../native/backends.js';

export { type Backend, backends };

/** Who is asked to reduce: the fastest as measured on this machine, the kernel or nothing, user space or nothing. */
export type EngineChoice = 'auto' | 'kernel' | 'userspace';

export const engineChoices: readonly EngineChoice[] = ['auto', 'kernel', 'userspace'];

interface Traits {
  /** What to ask for, to have this backend or nothing. */
  engine: EngineChoice;
  /** Where it works, in a sentence. */
  place: string;
  /** In a table of measurements. */
  name: string;
}

export const traits: Readonly<Record<Backend, Traits>> = {
  userspace: { engine: 'userspace', place: 'user space', name: 'user space' },
  bpf: { engine: 'kernel', place: 'the kernel', name: 'kernel' },
};
