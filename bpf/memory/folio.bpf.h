/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * From a file's mapping to the folios of its page cache, whose pages lie side by side. Nothing is
 * locked here: the caller knows why the folio stays where it is.
 */
#pragma once

#include "bpf/memory/page.bpf.h"

enum pageflags { PG_head };

/* What the low bits of an xarray's entry say (linux/xarray.h). */
#define XA_INTERNAL_MASK 3
#define XA_INTERNAL 2
#define XA_NODES 4096 /* internal entries above are nodes */
#define XA_SIBLINGS 256 /* those below: the entry is in another slot of this node */

#define XA_DEPTH 8 /* of 6 bits each, and a page's index has 52 at most */

static __always_inline u64 xa_slot(struct xa_node *node, u64 slot)
{
	u64 entry = 0;

	bpf_probe_read_kernel(&entry, sizeof(entry),
			      (void *)node + bpf_core_field_offset(struct xa_node, slots) + (slot & 63) * 8);
	return entry;
}

/* The folio that holds this page of the file, or 0. */
static __always_inline u64 folio_at(struct address_space *mapping, u64 index)
{
	u64 entry = (u64)BPF_CORE_READ(mapping, i_pages.xa_head);

	for (int depth = 0; depth < XA_DEPTH; depth++) {
		struct xa_node *node = (void *)(entry - XA_INTERNAL);

		if ((entry & XA_INTERNAL_MASK) != XA_INTERNAL || entry <= XA_NODES)
			break;
		entry = xa_slot(node, index >> BPF_CORE_READ(node, shift));
		if ((entry & XA_INTERNAL_MASK) == XA_INTERNAL && entry < XA_SIBLINGS)
			entry = xa_slot(node, entry >> 2);
	}
	return entry & XA_INTERNAL_MASK ? 0 : entry;
}

static __always_inline u64 folio_size(u64 folio)
{
	struct folio___order *before = (void *)folio;
	struct folio *large = (void *)folio;
	u64 flags = 0, order;

	bpf_probe_read_kernel(&flags, sizeof(flags), (void *)folio);
	if (!(flags & 1UL << bpf_core_enum_value(enum pageflags, PG_head)))
		return PAGE_SIZE;
	if (bpf_core_field_exists(before->_folio_order))
		order = BPF_CORE_READ(before, _folio_order);
	else
		order = BPF_CORE_READ(large, _flags_1);
	return (u64)PAGE_SIZE << (order & 15);
}

/* The bytes from `position` to `end`, as far as the folio at `position` holds them; an empty run where there is none. */
static __always_inline void page_cache_run(struct address_space *mapping, u64 position, u64 end, struct page_run *run)
{
	u64 found = folio_at(mapping, position / PAGE_SIZE), start, size;
	struct folio *folio = (void *)found;

	run->page = found;
	run->offset = 0;
	run->len = 0;
	if (!found)
		return;
	start = BPF_CORE_READ(folio, index) * PAGE_SIZE;
	size = folio_size(found);
	if (position - start >= size)
		return;
	run->offset = position - start;
	if (end - start < size)
		size = end - start;
	run->len = size - run->offset;
}
