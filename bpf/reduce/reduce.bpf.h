/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What a tap calls: begin, then a block at a time, then commit. A run that fails does not commit,
 * and the state of the run before it stands. Include once, after bpf_helpers.h.
 */
#pragma once

#include "bpf/reduce/adler32.bpf.h"
#include "bpf/reduce/crc.bpf.h"
#include "bpf/reduce/state.h"
#include "bpf/reduce/work.bpf.h"

/* Takes up the committed state of a stream. 0, or -1 if it is another backend's. */
__noinline int reduce_begin(struct sluice_work *work, const struct sluice_state *state, __u32 algorithms)
{
	if (!state || !work || state->backend != SLUICE_BACKEND_BPF)
		return -1;
	if (algorithms & SLUICE_ADLER32) {
		work->adler_a = state->bpf.adler_a;
		work->adler_b = state->bpf.adler_b;
	}
	if (algorithms & SLUICE_CRC32)
		crc_begin(work->crc32, &work->crc32_position, state->bpf.crc32, SLUICE_CRC32_HISTORY);
	if (algorithms & SLUICE_CRC32C)
		crc_begin(work->crc32c, &work->crc32c_position, state->bpf.crc32c, SLUICE_CRC32C_HISTORY);
	if (algorithms & SLUICE_CRC64NVME)
		crc_begin(work->crc64nvme, &work->crc64nvme_position, state->bpf.crc64nvme, SLUICE_CRC64NVME_HISTORY);
	return 0;
}

/*
 * Reduces the first len bytes, 1 to SLUICE_BLOCK, of the scratch memory. 0, or less if
 * the length is not allowed: nothing that went before must be committed then.
 */
static __always_inline int reduce_block(struct sluice_work *work, __u32 len, __u32 algorithms)
{
	int error = 0;

	if (algorithms & SLUICE_ADLER32)
		error |= reduce_adler32(work, len);
	if (algorithms & SLUICE_CRC32)
		error |= reduce_crc32(work, len);
	if (algorithms & SLUICE_CRC32C)
		error |= reduce_crc32c(work, len);
	if (algorithms & SLUICE_CRC64NVME)
		error |= reduce_crc64nvme(work, len);
	return error;
}

/*
 * Reduces len bytes, 1 to SLUICE_BLOCK, at a kernel address. 0, or less if they can't be read or
 * the length is not allowed: the run must not be committed then.
 */
static __always_inline int reduce_at(struct sluice_work *work, __u64 address, __u32 len, __u32 algorithms)
{
	__u64 length = len;

	/* One CRC alone does without the scratch memory. */
	switch (algorithms) {
	case SLUICE_CRC32:
		return reduce_crc32_at(work, address, len);
	case SLUICE_CRC32C:
		return reduce_crc32c_at(work, address, len);
	case SLUICE_CRC64NVME:
		return reduce_crc64nvme_at(work, address, len);
	}
	barrier_var(length);
	if (length > SLUICE_BLOCK || bpf_probe_read_kernel(work->scratch, length, (const void *)address))
		return -1;
	return reduce_block(work, length, algorithms);
}

/* Makes a run's result the stream's state, after `bytes` more bytes. 0, or -1 if the run can't be committed. */
__noinline int reduce_commit(const struct sluice_work *work, struct sluice_state *state, __u32 algorithms, __u64 bytes)
{
	int error = 0;

	if (!state || !work)
		return -1;
	if (algorithms & SLUICE_ADLER32) {
		state->bpf.adler_a = work->adler_a;
		state->bpf.adler_b = work->adler_b;
	}
	if (algorithms & SLUICE_CRC32)
		error |= crc_commit(work->crc32, &work->crc32_position, state->bpf.crc32, SLUICE_CRC32_HISTORY);
	if (algorithms & SLUICE_CRC32C)
		error |= crc_commit(work->crc32c, &work->crc32c_position, state->bpf.crc32c, SLUICE_CRC32C_HISTORY);
	if (algorithms & SLUICE_CRC64NVME)
		error |= crc_commit(work->crc64nvme, &work->crc64nvme_position, state->bpf.crc64nvme,
				    SLUICE_CRC64NVME_HISTORY);
	if (error)
		return -1;
	state->bytes += bytes;
	return 0;
}
