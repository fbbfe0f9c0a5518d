/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What user space asks: what is known of a file, and that it be kept, watched or forgotten. */
#pragma once

#include "bpf/memory/file.bpf.h"
#include "bpf/observe/find.bpf.h"
#include "bpf/observe/write.bpf.h"

/* The sums of the stream that `finish` looked at last. One thread of user space asks at a time. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct sluice_state);
} sums SEC(".maps");

static __always_inline int copy_sums(u32 stream)
{
	u32 zero = 0;
	struct sluice_state *to = bpf_map_lookup_elem(&sums, &zero);
	struct sluice_work *work = bpf_map_lookup_elem(&works, &stream);

	if (!to || !work)
		return -1;
	to->backend = SLUICE_BACKEND_BPF;
	return reduce_commit(work, to, algorithms, 0);
}

static __always_inline void tell(struct sluice_observe_finish *c, struct entry *e)
{
	c->number = e->number;
	c->events = e->events;
	c->why |= e->why | (e->pending ? SLUICE_WHY_SHORT : 0);
	if (e->number < believed_from)
		c->why |= SLUICE_WHY_MISSED;
	c->notes = e->notes;
	/* No raw tracepoint tells that a file grows. */
	c->stored = e->stored && e->stored_size == c->size;
	c->tgid = e->tgid;
	__builtin_memcpy(c->comm, e->comm, sizeof(c->comm));
	__builtin_memcpy(c->runs, e->runs, sizeof(c->runs));
	c->summed = e->summed;
	c->switched = e->switched;
	if (method != SLUICE_OBSERVE_FOLLOW && with_streams() && e->summed && !c->why && copy_sums(e->stream))
		c->why |= SLUICE_WHY_STREAM;
}

/* Claims the entry as it was at `sequence`: then nothing happened to it since. */
static __always_inline bool claim_at(struct entry *e, u64 sequence)
{
	return !(sequence & 1) && __sync_val_compare_and_swap(&e->sequence, sequence, sequence + 1) == sequence;
}

static __always_inline void keep_stored(struct sluice_observe_finish *c, struct entry *e)
{
	u64 before = c->sequence;

	free_stream(e);
	e->stored_size = c->size;
	__sync_lock_test_and_set(&e->stored, 1);
	/* A program that moves the sequence from here on sees `stored`; one that did before is seen here. */
	if (__sync_fetch_and_add(&e->sequence, -1) != before + 1)
		c->found = SLUICE_FOUND_MOVED;
}

static __always_inline void do_asked(struct sluice_observe_finish *c, struct entry *e,
				     const struct sluice_observe_file *file)
{
	if (c->flags & SLUICE_FINISH_FORGET) {
		if (c->sequence ? claim_at(e, c->sequence) : claim(e, file))
			delete_entry(e, file);
		else
			c->found = SLUICE_FOUND_MOVED;
	} else if (c->flags & SLUICE_FINISH_STORED) {
		if (claim_at(e, c->sequence))
			keep_stored(c, e);
		else
			c->found = SLUICE_FOUND_MOVED;
	}
}

static __always_inline struct entry *adopt(struct inode *inode, const struct sluice_observe_file *file)
{
	struct entry *e;

	bpf_map_delete_elem(&outside, file);
	e = new_entry(inode, file);
	if (!e)
		return bpf_map_lookup_elem(&entries, file); /* a program may have made it just now */
	mistrust(e, SLUICE_WHY_ADOPTED);
	release(e);
	return e;
}

/* 0, or 1 if the descriptor is not a regular file's. */
SEC("syscall")
int finish(struct sluice_observe_finish *c)
{
	struct file *opened = file_of(c->fd);
	struct inode *inode = BPF_CORE_READ(opened, f_inode);
	struct sluice_observe_file file; /* a context can't be a key */
	struct entry *e;
	u64 sequence;

	c->found = SLUICE_FOUND_NOTHING;
	if (!inode || !is_regular(inode))
		return 1;
	file_of_inode(inode, &file);
	c->file = file;
	c->size = BPF_CORE_READ(inode, i_size);
	c->writers = BPF_CORE_READ(inode, i_writecount.counter);
	c->why = is_mapped_writable(BPF_CORE_READ(inode, i_mapping)) ? SLUICE_WHY_MAPPED : 0;
	e = bpf_map_lookup_elem(&entries, &file);
	if (!e && c->flags & SLUICE_FINISH_ADOPT)
		e = adopt(inode, &file);
	if (!e)
		return 0;
	c->found = SLUICE_FOUND_ENTRY;
	if (c->flags & (SLUICE_FINISH_FORGET | SLUICE_FINISH_STORED)) {
		do_asked(c, e, &file);
		return 0;
	}
	sequence = *(volatile u64 *)&e->sequence;
	tell(c, e);
	c->sequence = sequence;
	if (sequence & 1 || *(volatile u64 *)&e->sequence != sequence || !same_file(&e->file, &file))
		c->found = SLUICE_FOUND_BUSY;
	return 0;
}

SEC("syscall")
int control(struct sluice_observe_control *c)
{
	if (c->command == SLUICE_CONTROL_MISSED)
		believed_from = last_number + 1;
	else if (c->command == SLUICE_CONTROL_MOVED)
		moves++;
	else if (c->command == SLUICE_CONTROL_UNTOLD)
		c->untold = __sync_lock_test_and_set(&untold, 0);
	else
		return 1;
	return 0;
}
