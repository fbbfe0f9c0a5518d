/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Adler-32 (RFC 1950) without SIMD and without a multiplication per byte.
 *
 * Over 128 bytes, sixteen little-endian words are summed whole (modulo 2^64), and their odd bytes
 * once more in 16-bit lanes, by a second load one byte further. With w the sum of the words and
 * odd that of the lanes, the lanes of the even bytes are w - (odd << 8), and even + odd is
 * w - 255 * odd, both exactly. The same holds for the sums of prefixes, which are b's part that
 * depends on the word's place; a byte's place inside its word is weighed once per 2048 bytes, as
 * far as 16-bit lanes reach.
 */
#pragma once

#include "bpf/reduce/work.bpf.h"

#define ADLER32_BASE 65521
#define ADLER32_STEP 128
#define ADLER32_SPAN 2048 /* 256 bytes of 255 fill a 16-bit lane */

/* The sum of four 16-bit lanes that does not exceed 16 bits, in the top lane of the product. */
#define SUM_OF_LANES(lanes) (((lanes) * 0x0001000100010001ULL) >> 48)

static __always_inline __u64 lane(__u64 lanes, int n)
{
	return lanes >> (16 * n) & 0xffff;
}

__noinline int reduce_adler32(struct sluice_work *work, __u32 len)
{
	__u64 odd_bytes = 0x00ff00ff00ff00ffULL;
	__u64 a, b, a_before = 0, prefixes = 0, weighed = 0;
	__u64 length = len;

	/* Two tests, kept apart: one for both would leave the verifier no upper bound. */
	barrier_var(length);
	if (!work || length > SLUICE_BLOCK)
		return -1;
	barrier_var(length);
	if (length == 0)
		return -1;

	/* The last step runs over zeros, which change nothing but b, by a each. */
	for (int k = 0; k < ADLER32_STEP / 8; k++)
		((volatile __u64 *)(work->scratch + length))[k] = 0;
	__u32 steps = (length + ADLER32_STEP - 1) / ADLER32_STEP;

	a = work->adler_a;
	b = work->adler_b;
	barrier_var(odd_bytes); /* keep the constant in a register */
	for (__u32 span = 0; span < SLUICE_BLOCK / ADLER32_SPAN; span++) {
		__u64 span_words = 0, span_odd = 0;

		for (__u32 i = 0; i < ADLER32_SPAN / ADLER32_STEP; i++) {
			__u32 step = span * (ADLER32_SPAN / ADLER32_STEP) + i;
			const __u8 *p = work->scratch + step * ADLER32_STEP;
			__u64 words = 0, odd = 0, prefix_words = 0, prefix_odd = 0;

			if (step >= steps)
				break;
			/* The barriers keep the order of the additions: any other spills registers. */
#pragma unroll
			for (int k = 0; k < ADLER32_STEP / 8; k++) {
				__u64 w = *(const __u64 *)(p + 8 * k);

				prefix_words += words;
				barrier_var(prefix_words);
				words += w;
				barrier_var(words);
				w = *(const __u64 *)(p + 8 * k + 1) & odd_bytes;
				prefix_odd += odd;
				odd += w;
				barrier_var(odd);
			}
			__u64 lanes = prefix_words - 255 * prefix_odd;

			a_before += a;
			a += SUM_OF_LANES(words - 255 * odd);
			prefixes += (lanes & 0x0000ffff0000ffffULL) + (lanes >> 16 & 0x0000ffff0000ffffULL);
			span_words += words;
			span_odd += odd;
		}
		__u64 even = span_words - (span_odd << 8);

		weighed += 8 * lane(even, 0) + 6 * lane(even, 1) + 4 * lane(even, 2) + 2 * lane(even, 3) +
			   7 * lane(span_odd, 0) + 5 * lane(span_odd, 1) + 3 * lane(span_odd, 2) + lane(span_odd, 3);
	}
	b += ADLER32_STEP * a_before + 8 * ((prefixes & 0xffffffff) + (prefixes >> 32)) + weighed;
	b -= (steps * ADLER32_STEP - length) * a;
	work->adler_a = a % ADLER32_BASE;
	work->adler_b = b % ADLER32_BASE;
	return 0;
}
