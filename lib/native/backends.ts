/** What reduces bytes: SIMD in user space, or a BPF program in the kernel. native/engine/backend.cc has a row for each. */
export type Backend = 'userspace' | 'bpf';

export const backends: readonly Backend[] = ['userspace', 'bpf'];
