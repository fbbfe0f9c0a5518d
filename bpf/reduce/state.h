/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The state of the reductions, as the backends keep it and as user space starts, reads and
 * finishes it. Shared by BPF C and C++: the includer provides __u8, __u32 and __u64 (a CO-RE
 * header there, <linux/types.h> here). Little endian.
 */
#pragma once

/* A set of algorithms: bit n is the n-th enumerator of sluice::Algorithm. */
#define SLUICE_ADLER32 1
#define SLUICE_CRC32 2
#define SLUICE_CRC32C 4
#define SLUICE_CRC64NVME 8

#define SLUICE_BLOCK 4096 /* bytes reduced at a time, at most */
#define SLUICE_SLOTS 128 /* largest number of slots; maps are sized down before they are loaded */

/*
 * Byte distances of a sparse multiple of each CRC's polynomial, the longest last: for distances d
 * up to D, x^D + sum of x^(D - d) is a multiple. So is its 8th power, which has the same exponents
 * times 8: the distances hold for bytes as they do for bits. scripts/crc-multiples.c finds them.
 */
#define SLUICE_CRC32_DISTANCES 140, 791, 3006
#define SLUICE_CRC32C_DISTANCES 767, 2524, 5275
#define SLUICE_CRC64NVME_DISTANCES 1057, 1361, 3623, 4857, 5105, 6326

/* The longest distance rounded up to whole 64-byte steps: the bytes a CRC has to remember. */
#define SLUICE_CRC32_HISTORY 3008
#define SLUICE_CRC32C_HISTORY 5312
#define SLUICE_CRC64NVME_HISTORY 6336

/*
 * What the programs in bpf/reduce know of the bytes reduced so far. A CRC's history holds the last
 * bytes of
 *   w[i] = m[i] ^ w[i - d1] ^ w[i - d2] ^ ... ^ w[i - D],
 * a stream whose CRC is that of the message m at every position.
 */
struct sluice_bpf_state {
	__u32 adler_a;
	__u32 adler_b;
	__u8 crc32[SLUICE_CRC32_HISTORY] __attribute__((aligned(64)));
	__u8 crc32c[SLUICE_CRC32C_HISTORY];
	__u8 crc64nvme[SLUICE_CRC64NVME_HISTORY];
};

/* Whose form a state has. */
#define SLUICE_BACKEND_USERSPACE 0
#define SLUICE_BACKEND_BPF 1

#define SLUICE_ALGORITHMS 4

/*
 * The running state of a stream, in the form that its backend goes on from. Programs refuse one that
 * is not theirs: native/reduce/state.h turns one form into another.
 */
struct sluice_state {
	__u32 backend;
	__u32 reserved;
	__u64 bytes;
	union {
		__u64 values[SLUICE_ALGORITHMS]; /* user space: finished values */
		struct sluice_bpf_state bpf;
	};
};
