/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * CRCs by sparse multiples of their polynomials, after the idea of Chorba (Russell, "Chorba: a
 * novel CRC32 implementation", arXiv 2412.16398): no table and no carry-less multiplication, three
 * exclusive ors of earlier words per word for 32 bits, six for 64. Adding a multiple of the polynomial to a
 * message leaves its CRC as it is, so a stream w made of the message and of earlier words of w, at
 * the distances of a multiple, can stand for it; only its last D bytes are ever divided, in user
 * space.
 *
 * A step is 64 bytes and the last one overruns the block: what it leaves there depends on bytes
 * that are not the message's, no byte before it depends on that, and the next block overwrites it.
 * Blocks of every length and alignment thus run at full speed.
 */
#pragma once

#include "bpf/rdonly_cast.bpf.h"
#include "bpf/reduce/work.bpf.h"

/* Lets a stream go on from the history it was committed with. */
static __always_inline void crc_begin(__u8 *stream, __u64 *position, const __u8 *history, __u32 size)
{
	bpf_probe_read_kernel(stream, size, history);
	*position = 0;
}

static __always_inline int crc_commit(const __u8 *stream, const __u64 *position, __u8 *history, __u32 size)
{
	__u64 from = *position;

	barrier_var(from); /* compare and use the same register */
	if (from > SLUICE_RING)
		return -1;
	bpf_probe_read_kernel(history, size, stream + from);
	return 0;
}

/* A term of a multiple; a distance of 0 stands for none. */
static __always_inline __u64 earlier(const __u8 *w, __u32 distance)
{
	return distance ? *(const __u64 *)(w - distance) : 0;
}

/* Where the next block of the stream goes, or NULL if it can't; the longest one fits there. */
static __always_inline __u8 *crc_room(__u8 *stream, __u64 *position, __u32 history)
{
	__u64 at = *position;

	barrier_var(at);
	if (at > SLUICE_RING)
		return NULL;
	if (at > SLUICE_RING - SLUICE_BLOCK) {
		bpf_probe_read_kernel(stream, history, stream + at);
		at = 0;
		*position = at;
	}
	stream += history + at;
	/* Offsets in an instruction have 16 bits: count them from here, not from the slot's start. */
	barrier_var(stream);
	return stream;
}

static __always_inline void crc_fill(__u8 *start, const __u8 *message, __u64 length, __u32 d1, __u32 d2, __u32 d3,
				     __u32 d4, __u32 d5, __u32 d6)
{
	__u32 steps = (length + SLUICE_STEP - 1) / SLUICE_STEP;

	for (__u32 step = 0; step < SLUICE_BLOCK / SLUICE_STEP; step++) {
		const __u8 *m = message + step * SLUICE_STEP;
		__u8 *w = start + step * SLUICE_STEP;

		if (step >= steps)
			break;
#pragma unroll
		for (int k = 0; k < SLUICE_STEP; k += 8)
			*(__u64 *)(w + k) = *(const __u64 *)(m + k) ^ earlier(w + k, d1) ^ earlier(w + k, d2) ^
					    earlier(w + k, d3) ^ earlier(w + k, d4) ^ earlier(w + k, d5) ^
					    earlier(w + k, d6);
	}
}

/*
 * From 6.17 on bpf_rdonly_cast() takes any address, and a CRC can load the message where it lies.
 * Each load is checked, which costs as many instructions as copying does, but it runs ahead of the
 * sums while memory is slow; a fifth is gained over pages that are in no cache. A load that faults
 * gives 0 and tells nobody: addresses fault for a whole page, and a page that went away does not
 * come back, so a last read that does tell vouches for all loads before it. The last step's
 * overrun must not leave the page.
 */
#define DIRECT_LOADS (LINUX_KERNEL_VERSION >= KERNEL_VERSION(6, 17, 0))

extern int LINUX_KERNEL_VERSION __kconfig;

static __always_inline int loads_directly(__u64 address, __u64 length)
{
	return DIRECT_LOADS && length % SLUICE_STEP == 0 && address % SLUICE_BLOCK + length <= SLUICE_BLOCK;
}

#define DEFINE_REDUCE_CRC(crc, HISTORY, ...)                                                                           \
	/* The first len bytes of the scratch memory. */                                                               \
	__noinline int reduce_##crc(struct sluice_work *work, __u32 len)                                               \
	{                                                                                                              \
		__u64 length = len;                                                                                    \
		__u8 *start;                                                                                           \
                                                                                                                       \
		/* Two tests, kept apart: one for both would leave the verifier no bound. */                           \
		barrier_var(length);                                                                                   \
		if (!work || length > SLUICE_BLOCK)                                                                    \
			return -1;                                                                                     \
		barrier_var(length);                                                                                   \
		if (length == 0)                                                                                       \
			return -1;                                                                                     \
		start = crc_room(work->crc, &work->crc##_position, HISTORY);                                           \
		if (!start)                                                                                            \
			return -1;                                                                                     \
		crc_fill(start, work->scratch, length, __VA_ARGS__);                                                   \
		work->crc##_position += length;                                                                        \
		return 0;                                                                                              \
	}                                                                                                              \
                                                                                                                       \
	/* len bytes at a kernel address. */                                                                           \
	__noinline int reduce_##crc##_at(struct sluice_work *work, __u64 address, __u32 len)                           \
	{                                                                                                              \
		__u64 length = len;                                                                                    \
		__u8 *start, byte;                                                                                     \
                                                                                                                       \
		barrier_var(length);                                                                                   \
		if (!work || length > SLUICE_BLOCK)                                                                    \
			return -1;                                                                                     \
		barrier_var(length);                                                                                   \
		if (length == 0)                                                                                       \
			return -1;                                                                                     \
		start = crc_room(work->crc, &work->crc##_position, HISTORY);                                           \
		if (!start)                                                                                            \
			return -1;                                                                                     \
		if (loads_directly(address, length)) {                                                                 \
			crc_fill(start, bpf_rdonly_cast((const void *)address, 0), length, __VA_ARGS__);               \
			if (bpf_probe_read_kernel(&byte, 1, (const void *)address))                                    \
				return -1;                                                                             \
		} else {                                                                                               \
			if (bpf_probe_read_kernel(start, length, (const void *)address))                               \
				return -1;                                                                             \
			crc_fill(start, start, length, __VA_ARGS__);                                                   \
		}                                                                                                      \
		work->crc##_position += length;                                                                        \
		return 0;                                                                                              \
	}

DEFINE_REDUCE_CRC(crc32, SLUICE_CRC32_HISTORY, SLUICE_CRC32_DISTANCES, 0, 0, 0)
DEFINE_REDUCE_CRC(crc32c, SLUICE_CRC32C_HISTORY, SLUICE_CRC32C_DISTANCES, 0, 0, 0)
DEFINE_REDUCE_CRC(crc64nvme, SLUICE_CRC64NVME_HISTORY, SLUICE_CRC64NVME_DISTANCES)
