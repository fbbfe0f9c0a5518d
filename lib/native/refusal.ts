/** How a native call fails: native/runtime/failure_binding.h. */
export interface NativeRefusal<Kind extends string = string> {
  /** The key of what went wrong. */
  failure: Kind;
  /** The system's error number, or 0. */
  errno: number;
  /** The system call that failed, or what happened. */
  detail: string;
}
