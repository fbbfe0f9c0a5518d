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

#define PAGE_SIZE 4096

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

/* Bytes in pages whose struct pages lie side by side, as those of a pipe's buffer, a folio or a bio vector do. */
struct page_run {
	u64 page; /* the first */
	u32 offset; /* of the first byte from that page on; it may lie in a later one */
	u32 len;
};

/*
 * Takes from the front of a run what lies in one page, so that each page's flags are looked at
 * once: where it is, and in `len` how much. 0 if the page must not be touched.
 */
static __always_inline u64 page_run_take(struct page_run *run, u32 *len)
{
	u64 page = run->page + (run->offset / PAGE_SIZE) * bpf_core_type_size(struct page);
	u64 address = page_address(run->page) + run->offset;

	*len = PAGE_SIZE - run->offset % PAGE_SIZE;
	if (*len > run->len)
		*len = run->len;
	run->offset += *len;
	run->len -= *len;
	return page_readable(page) ? address : 0;
}
