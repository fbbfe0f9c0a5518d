// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Drives the reductions from outside: reduces bytes that user space left in a map, as a tap reduces
 * the bytes of pages.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bpf/reduce/reduce.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The ways a block comes to the reductions. */
enum way {
  BY_SCRATCH, /* read here, then reduce_block() */
  BY_ADDRESS, /* reduce_at() */
  UNREADABLE, /* reduce_at() an address where nothing is */
};

struct run {
  __u32 slot;
  __u32 algorithms;
  __u32 offset;      /* of the bytes in `input` */
  __u32 length;      /* 1 to 4096 */
  __u32 repetitions; /* times they are reduced in one run */
  __u32 way;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, SLUICE_SLOTS);
  __type(key, __u32);
  __type(value, struct sluice_state);
} states SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, SLUICE_SLOTS);
  __type(key, __u32);
  __type(value, struct sluice_work);
} works SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u8[2 * SLUICE_BLOCK]);
} input SEC(".maps");

__u32 failures;
/* Through memory, so that the verifier takes the address for a number, as a page's is. */
volatile __u64 input_address;

static int reduce_one(const struct run* run) {
  __u32 zero = 0;
  const __u8* bytes = bpf_map_lookup_elem(&input, &zero);
  struct sluice_work* work = bpf_map_lookup_elem(&works, &run->slot);
  __u64 length = run->length;
  __u64 address;

  input_address = (__u64)bytes;
  address = input_address + run->offset;
  if (run->way == UNREADABLE) address = -(__u64)SLUICE_BLOCK;
  if (!work) return -1;
  if (run->way != BY_SCRATCH) return reduce_at(work, address, run->length, run->algorithms);
  barrier_var(length);
  if (length > SLUICE_BLOCK || bpf_probe_read_kernel(work->scratch, length, (void*)address)) return -1;
  return reduce_block(work, run->length, run->algorithms);
}

static long reduce_input(__u64 repetition, void* context) {
  if (!reduce_one(context)) return 0;
  failures++;
  return 1;
}

SEC("syscall")
int reduce_input_run(struct run* given) {
  struct run run = *given;

  struct sluice_state* state = bpf_map_lookup_elem(&states, &run.slot);
  struct sluice_work* work = bpf_map_lookup_elem(&works, &run.slot);

  if (!state || !work || reduce_begin(work, state, run.algorithms)) return 1;
  failures = 0;
  bpf_loop(run.repetitions, reduce_input, &run, 0);
  if (failures) return 1;
  return reduce_commit(work, state, run.algorithms, (__u64)run.repetitions * run.length);
}
