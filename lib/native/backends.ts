/** What reduces bytes: SIMD in user space, or a BPF program in the kernel. native/engine/backend.cc has a row for each. */
export const backends = ['userspace', 'bpf'] as const;

export type Backend = (typeof backends)[number];
