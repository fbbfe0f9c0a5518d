/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The memory of the slots. A slot serves one thread; nothing here belongs to a CPU, because
 * SYSCALL programs may be preempted and moved between any two instructions.
 */
#pragma once

#include "bpf/reduce/state.h"

/*
 * The memory of a CRC: its history, then SLUICE_RING bytes of the stream, then what the last step
 * overruns. The history is copied to the front once in SLUICE_RING bytes; a longer ring copies less
 * and takes more of the first-level cache, which gains nothing over pages that come from memory.
 */
#define SLUICE_RING (4 * SLUICE_BLOCK)
#define SLUICE_STEP 64
#define SLUICE_STREAM(HISTORY) (HISTORY + SLUICE_RING + SLUICE_STEP)

struct sluice_work {
	/* The bytes to reduce. Adler-32 zeroes and reads past their end. */
	__u8 scratch[SLUICE_BLOCK + 192];
	__u64 adler_a;
	__u64 adler_b;
	__u64 crc32_position;
	__u64 crc32c_position;
	__u64 crc64nvme_position;
	__u8 crc32[SLUICE_STREAM(SLUICE_CRC32_HISTORY)];
	__u8 crc32c[SLUICE_STREAM(SLUICE_CRC32C_HISTORY)];
	__u8 crc64nvme[SLUICE_STREAM(SLUICE_CRC64NVME_HISTORY)];
};

/* Committed states, which user space maps to start and to read a sum. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SLUICE_SLOTS);
	__type(key, __u32);
	__type(value, struct sluice_state);
} states SEC(".maps");

/* Working memory, which only programs see. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLUICE_SLOTS);
	__type(key, __u32);
	__type(value, struct sluice_work);
} works SEC(".maps");

static __always_inline struct sluice_work *slot_work(__u32 slot)
{
	return bpf_map_lookup_elem(&works, &slot);
}

static __always_inline struct sluice_state *slot_state(__u32 slot)
{
	return bpf_map_lookup_elem(&states, &slot);
}
