/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The memory that a run reduces in. It belongs to an execution context: one that may be preempted
 * needs memory of its own, since the next one on the same CPU would go on in it. The running state
 * (state.h) belongs to a stream. A tap has the maps for both, and hands the reductions a pointer to
 * each.
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
