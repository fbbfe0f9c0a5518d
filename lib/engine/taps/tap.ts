/** One thing that is there or not. */
export interface Finding {
  available: boolean;
  /** Why, or what was found. */
  reason: string;
  /** What to do about it, where something can be done. */
  remedy?: string;
}

/** Whether a program may be attached to a place in the kernel. */
export interface HookFinding extends Finding {
  kind: 'raw_tracepoint' | 'fentry' | 'kprobe';
  name: string;
}

export type Hook = Pick<HookFinding, 'kind' | 'name'>;

export type TapName = 'pipe' | 'observe' | 'completion';

/** A way for programs in the kernel to see data pass. There is one file for each, and table.ts lists them. */
export interface Tap {
  readonly name: TapName;
  /** Where its programs attach, on one kernel or another: probe() tries each of them. */
  readonly hooks: readonly Hook[];
  /** Whether it can be had here. */
  find(): Finding;
}

export const planned: Finding = { available: false, reason: 'not in this version' };
