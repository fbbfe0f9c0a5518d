/** How a native call fails: native/runtime/failure_binding.h. */
export interface NativeRefusal<Kind extends string = string> {
  /** The key of what went wrong: `systemCall`, of which the error number says what it means, or what else happened. */
  failure: Kind;
  /** The system's error number, or 0. */
  errno: number;
  /** The system call that failed, or empty. */
  call: string;
  /** What it was about. */
  subject: 'file' | 'place' | 'lock' | 'source' | 'sink' | 'attribute' | 'journal';
  /** What happened, or empty. Of an attribute its name. */
  detail: string;
}
