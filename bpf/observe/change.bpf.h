/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The bodies of the hooks that see what a write hook does not: changes that no range of bytes tells. */
#pragma once

#include "bpf/observe/find.bpf.h"
#include "bpf/observe/write.bpf.h"

static __always_inline void change(struct entry *e, u32 why)
{
	if (why)
		mistrust(e, why);
	else
		__sync_fetch_and_add(&e->sequence, 2);
	note_if_stored(e);
}

static __noinline int on_change(struct inode *inode, u32 why)
{
	struct sluice_observe_file file;
	struct entry *e = entry_of(inode, &file, false);

	if (e)
		change(e, why);
	return 0;
}

/*
 * A file that holds nothing any more is as good as new, whatever was done to it before. But direct
 * writes that are under way may come after all, if the truncation fails; the inode's lock lets no
 * other begin.
 */
static __always_inline void begin_again(struct entry *e, struct inode *inode)
{
	u32 kept = BPF_CORE_READ(inode, i_dio_count.counter) ? e->why & SLUICE_WHY_DIRECT : 0;
	u64 sequence;

	free_stream(e);
	begin_life(e);
	e->why = kept;
	e->number = new_number(&sequence);
	__sync_lock_test_and_set(&e->sequence, sequence | 1);
}

/* Whether nothing that the runs hold lies behind this size. The inode's lock keeps its writers away. */
static __always_inline bool cuts_nothing(struct entry *e, u64 size)
{
	/* Some file systems take back in this way what they let be copied, and could not keep. */
	if (e->pending && size <= e->pending_start)
		e->pending = 0;
	return e->highest <= size && !(e->pending && size < e->pending_end);
}

/* The file gets this size, or has just got it. */
static __noinline int on_truncate(struct inode *inode, u64 size)
{
	struct sluice_observe_file file;
	struct entry *e;
	u32 stored;

	/* The last name is gone, and the last descriptor too: this is its end. */
	if (!BPF_CORE_READ(inode, i_nlink) && !BPF_CORE_READ(inode, i_writecount.counter))
		return 0;
	/* The inode may have its new size, or not yet. */
	e = entry_of(inode, &file, true);
	if (!e) {
		/* No close may follow, by which a file without an entry is read. */
		if (is_observed(inode, &file))
			note_changed(&file, BPF_CORE_READ(inode, i_uid.val), 0);
		return 0;
	}
	if (size) {
		change(e, cuts_nothing(e, size) ? 0 : SLUICE_WHY_TRUNCATED);
		return 0;
	}
	if (!claim(e, &file)) {
		change(e, SLUICE_WHY_BUSY);
		return 0;
	}
	note_if_stored(e);
	stored = e->stored; /* there was no room to tell it */
	begin_again(e, inode);
	e->stored = stored;
	release(e);
	return 0;
}

/* Its size may be another. What a write makes of it was seen by then, and of a truncation that shortens it all is. */
static __noinline int on_dirty(struct inode *inode)
{
	struct sluice_observe_file file;
	struct entry *e;

	file_of_inode(inode, &file);
	e = bpf_map_lookup_elem(&entries, &file);
	if (e && e->stored && e->stored_size != BPF_CORE_READ(inode, i_size))
		change(e, 0);
	return 0;
}

/* A page is about to be mapped. Stores to it will be silent, so the mapping itself counts. */
static __always_inline int on_fault(struct address_space *mapping)
{
	if (!is_mapped_writable(mapping))
		return 0;
	return on_change(BPF_CORE_READ(mapping, host), SLUICE_WHY_MAPPED);
}

/* The inode leaves memory: its file system may be gone before it comes back, and change elsewhere. */
static __noinline int on_evict(struct inode *inode)
{
	struct sluice_observe_file file;
	struct entry *e;

	file_of_inode(inode, &file);
	if (!bpf_map_lookup_elem(&watched, &file.dev))
		return 0;
	e = bpf_map_lookup_elem(&entries, &file);
	if (e && claim(e, &file))
		delete_entry(e, &file);
	bpf_map_delete_elem(&outside, &file);
	return 0;
}
