/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What user space is told while files are written. */
#pragma once

#include "bpf/observe/entry.bpf.h"

#define NOTES_SPACE (1 << 20) /* bytes */
#define NOTE_SPACE (sizeof(struct sluice_observe_note) + BPF_RINGBUF_HDR_SZ)

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, NOTES_SPACE);
} notes SEC(".maps");

/*
 * The ring tells how far it was read, and not whose notes are in it. So an owner's notes are counted
 * from when the ring had a certain length until it was read to there; by then at most as many have
 * come since, and those of an owner fill no more than half of it.
 */
static __always_inline bool may_note(u32 uid)
{
	struct owner *owner = owner_of(uid);

	if (!owner)
		return true;
	if (bpf_ringbuf_query(&notes, BPF_RB_CONS_POS) >= owner->since) {
		owner->since = bpf_ringbuf_query(&notes, BPF_RB_PROD_POS);
		owner->notes = 0;
	}
	return __sync_fetch_and_add(&owner->notes, 1) < NOTES_SPACE / 4 / NOTE_SPACE;
}

static __always_inline int note(const struct sluice_observe_file *file, u32 owner, u64 number, u32 kind, u32 order,
				const struct sluice_observe_run *run)
{
	struct sluice_observe_note *out = NULL;

	if (may_note(owner))
		out = bpf_ringbuf_reserve(&notes, sizeof(*out), 0);
	if (!out) {
		COUNT(lost);
		return -1;
	}
	out->file = *file;
	out->number = number;
	out->kind = kind;
	out->order = order;
	out->run = *run;
	bpf_ringbuf_submit(out, 0);
	COUNT(notes);
	return 0;
}

/* Of a claimed entry. 0, or -1 if there is no room in the ring. */
static __always_inline int note_bytes(struct entry *e, u32 kind, const struct sluice_observe_run *run)
{
	if (note(&e->file, e->owner, e->number, kind, e->notes, run))
		return -1;
	e->notes++;
	return 0;
}

/* A file changed, and there was no room to note it: user space looks for it. No close may follow. */
u32 untold = 0;

/* What is stored of the file no longer holds. 0, or -1 if there is no room to tell it. */
static __always_inline int note_changed(const struct sluice_observe_file *file, u32 owner, u64 number)
{
	struct sluice_observe_run none = {};

	if (note(file, owner, number, SLUICE_NOTE_CHANGED, 0, &none) == 0)
		return 0;
	__sync_lock_test_and_set(&untold, 1);
	return -1;
}

/*
 * After a change of the entry's sequence, which `finish` looks at after it has set `stored`. What
 * finds no room is tried again at the next change.
 */
static __always_inline void note_if_stored(struct entry *e)
{
	if (!*(volatile u32 *)&e->stored || !__sync_lock_test_and_set(&e->stored, 0))
		return;
	if (note_changed(&e->file, e->owner, e->number))
		__sync_lock_test_and_set(&e->stored, 1);
}
