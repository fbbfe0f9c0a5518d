/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What is known of a file: an entry, from the first change that is seen until user space forgets it
 * or the inode leaves memory, and with it all that could go unseen while it is not there.
 *
 * A file's writers hold the inode's lock, but other changes, user space and an interrupted program
 * do not wait for it, and the memory of an entry that is deleted may become another's while a
 * program still has its address. So who changes more than a flag claims the entry first: makes its
 * sequence odd, and then looks whether it is still the same file's.
 */
#pragma once

#include "bpf/kernel.bpf.h"
#include "bpf/observe.h"

const volatile u32 method = SLUICE_OBSERVE_FOLLOW;

#define SLUICE_NO_STREAM (~0U)

#define CLAIM_TRIES 16

#define SLUICE_ENTRIES 65536
#define SLUICE_ENTRIES_OF_OWNER (SLUICE_ENTRIES / 2) /* the others must find room, too */

/* What each write looks at comes first, for a writer's bytes drive the rest out of the CPU's cache. */
struct entry {
	u64 sequence; /* grows by 2 with each change; odd while the entry is claimed */
	struct sluice_observe_file file;
	u32 why;
	u32 stored;
	u32 pending; /* the last copy from user memory broke off */
	u32 in_hook; /* what is written from now on is summed */
	u32 summed; /* which of the runs are, by bit */
	u32 switched; /* enum sluice_switch */
	u64 highest; /* end of what the runs and notes hold */
	u64 events;
	struct sluice_observe_run runs[SLUICE_OBSERVE_RUNS];
	u64 number;
	u64 stored_size;
	u64 pending_start; /* of the last write, where `pending` */
	u64 pending_end;
	u32 next_run; /* whose turn it is to make room */
	u32 notes;
	u32 stream; /* index in `works`, or SLUICE_NO_STREAM */
	u32 tgid;
	u32 owner;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SLUICE_ENTRIES);
	__type(key, struct sluice_observe_file);
	__type(value, struct entry);
} entries SEC(".maps");

/* What a user's files take of what all share. */
struct owner {
	u64 entries;
	u64 notes; /* since the ring was as long as `since` */
	u64 since;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, struct owner);
} owners SEC(".maps");

/* By stream: 1 where a file has it. A queue of the free ones can't be used by `finish`, which may sleep, on 6.1. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
} taken_streams SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct sluice_observe_counts);
} counts SEC(".maps");

u64 last_number = 0;
u64 believed_from = 0; /* entries of lower numbers may have missed a change */

static __always_inline struct sluice_observe_counts *counts_here(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&counts, &zero);
}

#define COUNT(field)                                                                                                   \
	do {                                                                                                           \
		struct sluice_observe_counts *counts_ = counts_here();                                                 \
                                                                                                                       \
		if (counts_)                                                                                           \
			counts_->field++;                                                                              \
	} while (0)

static __always_inline void count_write(u32 copied)
{
	struct sluice_observe_counts *counts = counts_here();

	if (!counts)
		return;
	counts->writes++;
	counts->bytes += copied;
}

static __always_inline void file_of_inode(struct inode *inode, struct sluice_observe_file *file)
{
	struct super_block *file_system = READ(inode, i_sb);

	file->ino = READ(inode, i_ino);
	file->generation = READ(inode, i_generation);
	file->dev = READ(file_system, s_dev);
}

static __always_inline bool same_file(const struct sluice_observe_file *a, const struct sluice_observe_file *b)
{
	return a->ino == b->ino && a->generation == b->generation && a->dev == b->dev;
}

/* The upper half of a sequence is the number's, so that no two entries have the same. */
static __always_inline u64 new_number(u64 *sequence)
{
	u64 number = __sync_fetch_and_add(&last_number, 1) + 1;

	*sequence = number << 32;
	return number;
}

static __always_inline bool claim(struct entry *e, const struct sluice_observe_file *file)
{
	for (int i = 0; i < CLAIM_TRIES; i++) {
		u64 sequence = *(volatile u64 *)&e->sequence;

		if (sequence & 1)
			continue;
		if (__sync_val_compare_and_swap(&e->sequence, sequence, sequence + 1) != sequence)
			continue;
		if (same_file(&e->file, file))
			return true;
		__sync_fetch_and_add(&e->sequence, -1);
		return false;
	}
	return false;
}

/* The claim counted as a change, so the sequence is 2 further on than it was. */
static __always_inline void release(struct entry *e)
{
	__sync_fetch_and_add(&e->sequence, 1);
}

/* The runs of the file are not to be believed. Needs no claim. */
static __always_inline void mistrust(struct entry *e, u32 why)
{
	__sync_fetch_and_or(&e->why, why);
	__sync_fetch_and_add(&e->sequence, 2);
}

/* Nothing was written to the file yet that is in it now: a claimed entry, or one that nobody knows. */
static __always_inline void begin_life(struct entry *e)
{
	e->events = 0;
	e->highest = 0;
	e->pending = 0;
	e->why = 0;
	e->stored = 0;
	e->next_run = 0;
	e->notes = 0;
	e->summed = 0;
	e->in_hook = method == SLUICE_OBSERVE_HOOK;
	e->switched = SLUICE_NOT_SWITCHED;
	__builtin_memset(e->runs, 0, sizeof(e->runs));
	e->tgid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
}

/* What a new entry is at first: claimed. Not on the stack, which has 512 bytes for all that call each other. */
const volatile struct entry unborn = {.sequence = 1, .stream = SLUICE_NO_STREAM};

static __always_inline struct owner *owner_of(u32 uid)
{
	struct owner none = {}, *owner = bpf_map_lookup_elem(&owners, &uid);

	if (owner)
		return owner;
	bpf_map_update_elem(&owners, &uid, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&owners, &uid);
}

static __always_inline bool has_room(u32 uid)
{
	struct owner *owner = owner_of(uid);

	if (!owner || __sync_fetch_and_add(&owner->entries, 1) < SLUICE_ENTRIES_OF_OWNER)
		return true;
	__sync_fetch_and_add(&owner->entries, -1);
	return false;
}

static __always_inline void give_room(u32 uid)
{
	struct owner *owner = bpf_map_lookup_elem(&owners, &uid);

	/* A count may have made room for others, and begun anew. */
	if (owner && (s64)__sync_fetch_and_add(&owner->entries, -1) <= 0)
		__sync_fetch_and_add(&owner->entries, 1);
}

/* A new entry, claimed. */
static __always_inline struct entry *new_entry(struct inode *inode, const struct sluice_observe_file *file)
{
	u32 owner = BPF_CORE_READ(inode, i_uid.val);
	struct entry *e;
	u64 sequence;

	if (!has_room(owner)) {
		COUNT(refused);
		return NULL;
	}
	if (bpf_map_update_elem(&entries, file, (const void *)&unborn, BPF_NOEXIST)) {
		give_room(owner);
		COUNT(refused);
		return NULL;
	}
	e = bpf_map_lookup_elem(&entries, file);
	if (!e)
		return NULL;
	COUNT(entries);
	e->file = *file;
	e->owner = owner;
	begin_life(e);
	e->number = new_number(&sequence);
	__sync_lock_test_and_set(&e->sequence, sequence | 1);
	return e;
}

static __always_inline void free_stream(struct entry *e)
{
	u32 stream = e->stream, *taken;

	e->stream = SLUICE_NO_STREAM;
	taken = bpf_map_lookup_elem(&taken_streams, &stream);
	if (taken)
		__sync_lock_test_and_set(taken, 0);
}

/* Of a claimed entry, which stays claimed: a program that still has its address must not take it for a live one. */
static __always_inline void delete_entry(struct entry *e, const struct sluice_observe_file *file)
{
	free_stream(e);
	give_room(e->owner);
	bpf_map_delete_elem(&entries, file);
}
