/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What user space is told while files are written. */
#pragma once

#include "bpf/observe/entry.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} notes SEC(".maps");

static __always_inline int note(const struct sluice_observe_file *file, u64 number, u32 kind, u32 order,
				const struct sluice_observe_run *run)
{
	struct sluice_observe_note *out = bpf_ringbuf_reserve(&notes, sizeof(*out), 0);

	if (!out) {
		COUNT(lost, 1);
		return -1;
	}
	out->file = *file;
	out->number = number;
	out->kind = kind;
	out->order = order;
	out->run = *run;
	bpf_ringbuf_submit(out, 0);
	COUNT(notes, 1);
	return 0;
}

/* Of a claimed entry. 0, or -1 if there is no room in the ring. */
static __always_inline int note_bytes(struct entry *e, u32 kind, const struct sluice_observe_run *run)
{
	if (note(&e->file, e->number, kind, e->notes, run))
		return -1;
	e->notes++;
	return 0;
}

/*
 * What is stored of the file no longer holds. If the ring is full, the next close finds it out:
 * a changed file has another sequence.
 */
static __always_inline void note_changed(const struct sluice_observe_file *file, u64 number)
{
	struct sluice_observe_run none = {};

	note(file, number, SLUICE_NOTE_CHANGED, 0, &none);
}

/* After a change of the entry's sequence, which `finish` looks at after it has set `stored`. */
static __always_inline void note_if_stored(struct entry *e)
{
	if (*(volatile u32 *)&e->stored && __sync_lock_test_and_set(&e->stored, 0))
		note_changed(&e->file, e->number);
}
