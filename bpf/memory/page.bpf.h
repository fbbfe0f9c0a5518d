/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * From a struct page to the address of its bytes in the direct map:
 *
 *	page_offset_base + (page - vmemmap_base) / sizeof(struct page) * 4096
 *
 * which is page * (4096 / sizeof(struct page)) + a constant. Both are frozen
 * before the programs are loaded; no context ever carries an address, or the
 * program would read any kernel memory for whoever holds its descriptor.
 */
#pragma once

#include "bpf/kernel.bpf.h"

const volatile u64 page_address_bias = 0;
const volatile u32 page_address_shift = 0;
/* 1 << PG_hwpoison, or 0 where the kernel has no memory failure handling. */
const volatile u64 page_poisoned_mask = 0;

static __always_inline u64 page_address(u64 page)
{
	return (page << page_address_shift) + page_address_bias;
}

/*
 * Reading a poisoned page raises a machine check, so its flag is looked at
 * first. `flags` is the first word of struct page on every kernel; it is a
 * struct of its own from 6.18, which a CO-RE field access would refuse.
 */
static __always_inline bool page_readable(u64 page)
{
	u64 flags;

	if (!page_poisoned_mask)
		return true;
	if (bpf_probe_read_kernel(&flags, sizeof(flags), (void *)page))
		return false;
	return !(flags & page_poisoned_mask);
}
