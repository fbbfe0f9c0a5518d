/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Two files whose blocks change places. xfs compares the time stamps that its caller gave it, after
 * it has written the files back, and refuses if they moved: xfs_fsr relies on it. User space, when
 * it is told of a change, removes an attribute, which moves ctime. So it is told at the end.
 */
#pragma once

#include "bpf/observe/change.bpf.h"

struct exchange {
	struct inode *one;
	struct inode *other;
};

/* By thread. The files are open until the thread is at the end. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct exchange);
} exchanges SEC(".maps");

/* The kernel may leave out the program at the end. What is known holds no longer by then, and the close that follows tells. */
static __noinline int mistrust_known(struct inode *inode)
{
	struct sluice_observe_file file;
	struct entry *e;

	file_of_inode(inode, &file);
	e = bpf_map_lookup_elem(&entries, &file);
	if (e)
		mistrust(e, SLUICE_WHY_CLONED);
	return 0;
}

static __always_inline int tell_exchange(const struct exchange *exchange)
{
	on_change(exchange->one, SLUICE_WHY_CLONED);
	return on_change(exchange->other, SLUICE_WHY_CLONED);
}

static __always_inline int begin_exchange(struct inode *one, struct inode *other)
{
	struct exchange exchange = {.one = one, .other = other};
	u64 thread = bpf_get_current_pid_tgid();

	mistrust_known(one);
	mistrust_known(other);
	return bpf_map_update_elem(&exchanges, &thread, &exchange, BPF_ANY) ? tell_exchange(&exchange) : 0;
}

static __always_inline int end_exchange(void)
{
	u64 thread = bpf_get_current_pid_tgid();
	struct exchange *found = bpf_map_lookup_elem(&exchanges, &thread), exchange;

	if (!found)
		return 0;
	exchange = *found;
	bpf_map_delete_elem(&exchanges, &thread);
	return tell_exchange(&exchange);
}
