/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From an inode to its entry, which is made where there is none. */
#pragma once

#include "bpf/observe/entry.bpf.h"
#include "bpf/observe/note.bpf.h"
#include "bpf/observe/tree.bpf.h"

static __always_inline bool is_observed(struct inode *inode, struct sluice_observe_file *file)
{
	struct sluice_observe_watched *file_system;

	file_of_inode(inode, file);
	file_system = bpf_map_lookup_elem(&watched, &file->dev);
	if (!file_system || !is_regular(inode))
		return false;
	return file_system->whole || lies_in_tree(inode, file);
}

/*
 * NULL: the file is none of ours, or there is no room; then it is read when it is closed. A file
 * that holds something, or `may_hold` it, may have a value from before: it holds no longer, with
 * what is about to happen.
 */
static __always_inline struct entry *entry_of(struct inode *inode, struct sluice_observe_file *file, bool may_hold)
{
	struct sluice_observe_watched *file_system;
	struct entry *e;
	u64 size;

	file_of_inode(inode, file);
	e = bpf_map_lookup_elem(&entries, file);
	if (e)
		return e;
	file_system = bpf_map_lookup_elem(&watched, &file->dev);
	if (!file_system || !is_regular(inode))
		return NULL;
	if (!file_system->whole && !lies_in_tree(inode, file)) {
		COUNT(outside);
		return NULL;
	}
	e = new_entry(inode, file);
	if (!e)
		return bpf_map_lookup_elem(&entries, file); /* another may have made it just now */
	release(e);
	size = BPF_CORE_READ(inode, i_size);
	if ((size > 0 || may_hold) && note_changed(file, e->owner, 0)) {
		/* It may have a value: the next change tries again. */
		e->stored_size = size;
		__sync_lock_test_and_set(&e->stored, 1);
	}
	return e;
}
