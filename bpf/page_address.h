/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What page_address.bpf.c and its caller exchange. */
#pragma once

#include <linux/types.h>

#define SLUICE_COOKIE 64 /* bytes */

struct sluice_page_address {
	/* in: a pipe holding one buffer: the page at `address`, which begins with the cookie */
	__s32 fd;
	__u32 reserved;
	__u64 address;
	__u64 frames; /* page frames the machine may have: an upper bound for the search */
	/* out */
	__u64 bias;
	__u64 poisoned_mask;
	__u32 shift;
	__u32 tries;
};
