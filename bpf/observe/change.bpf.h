/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The bodies of the hooks that see what a write hook does not: changes that no range of bytes tells. */
#pragma once

#include "bpf/observe/find.bpf.h"
#include "bpf/observe/write.bpf.h"

static __always_inline int on_change(struct inode *inode, u32 why)
{
	struct sluice_observe_file file;
	struct entry *e = entry_of(inode, &file);

	if (!e)
		return 0;
	mistrust(e, why);
	note_if_stored(e);
	return 0;
}

/* A file that holds nothing any more is as good as new, whatever was done to it before. */
static __always_inline int on_truncate(struct inode *inode)
{
	struct sluice_observe_file file;
	struct entry *e;
	u64 ended;

	/* The last name is gone, and the last descriptor too: this is its end. */
	if (!BPF_CORE_READ(inode, i_nlink) && !BPF_CORE_READ(inode, i_writecount.counter))
		return 0;
	if (BPF_CORE_READ(inode, i_size))
		return on_change(inode, SLUICE_WHY_TRUNCATED);
	e = entry_of(inode, &file);
	if (!e)
		return 0;
	if (!claim(e, &file)) {
		mistrust(e, SLUICE_WHY_BUSY);
		note_if_stored(e);
		return 0;
	}
	note_if_stored(e);
	free_stream(e);
	begin_life(e);
	e->number = new_number(&ended);
	__sync_lock_test_and_set(&e->sequence, ended | 1);
	release(e);
	return 0;
}

static __always_inline int on_direct_io(struct kiocb *iocb, struct iov_iter *iter)
{
	/* The iterator says which way: flags of a kiocb are macros, which BTF does not know and releases renumber. */
	if (!BPF_CORE_READ(iter, data_source))
		return 0;
	return on_change(BPF_CORE_READ(iocb, ki_filp, f_mapping, host), SLUICE_WHY_DIRECT);
}

/* A page is about to be mapped. Stores to it will be silent, so the mapping itself counts. */
static __always_inline int on_fault(struct address_space *mapping)
{
	if (!is_mapped_writable(mapping))
		return 0;
	return on_change(BPF_CORE_READ(mapping, host), SLUICE_WHY_MAPPED);
}

/* The inode leaves memory: its file system may be gone before it comes back, and change elsewhere. */
static __always_inline int on_evict(struct inode *inode)
{
	struct sluice_observe_file file;
	struct entry *e;

	if (!watched_file_system(inode))
		return 0;
	file_of_inode(inode, &file);
	e = bpf_map_lookup_elem(&entries, &file);
	if (e && claim(e, &file))
		delete_entry(e, &file);
	bpf_map_delete_elem(&outside, &file);
	return 0;
}
