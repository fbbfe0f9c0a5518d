/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The one body of all hooks that see a write: bytes [position, position + copied) of an inode are
 * in the page cache, and their folio is locked.
 */
#pragma once

#include "bpf/observe/find.bpf.h"
#include "bpf/observe/sum.bpf.h"

const volatile u32 method = SLUICE_OBSERVE_FOLLOW;
const volatile u64 note_every = 1 << 20; /* bytes that a range has at least */

static __always_inline bool is_mapped_writable(struct address_space *mapping)
{
	return BPF_CORE_READ(mapping, i_mmap_writable.counter) > 0;
}

/* What a run that makes room leaves to be read or combined. 0, or -1 if there is no room to tell it. */
static __always_inline int let_go(struct entry *e, struct sluice_observe_run *run)
{
	struct sluice_observe_run rest = *run;

	if (rest.end == rest.start)
		return 0;
	if (method == SLUICE_OBSERVE_HOOK)
		return note_bytes(e, SLUICE_NOTE_RUN, &rest);
	rest.start = rest.noted_or_sum;
	rest.noted_or_sum = 0;
	return rest.start < rest.end ? note_bytes(e, SLUICE_NOTE_RANGE, &rest) : 0;
}

/* The run that ends here, or a new one; NULL if the old one that had to make room is lost. */
static __always_inline struct sluice_observe_run *run_at(struct entry *e, u64 position)
{
	struct sluice_observe_run *run;

	for (u32 i = 0; i < SLUICE_OBSERVE_RUNS; i++) {
		run = &e->runs[i];
		if (run->end == position && run->end > run->start)
			return run;
	}
	run = &e->runs[e->next_run % SLUICE_OBSERVE_RUNS];
	if (let_go(e, run))
		return NULL;
	e->next_run++;
	run->start = position;
	run->end = position;
	run->noted_or_sum = method == SLUICE_OBSERVE_HOOK ? 1 : position;
	return run;
}

/*
 * i_size moves after this hook, so that others can read only what came before this write. A full
 * ring is no loss here: the range goes out with the next write, or is read at the end.
 */
static __always_inline void note_progress(struct entry *e, struct sluice_observe_run *run, u64 position)
{
	struct sluice_observe_run range = {.start = run->noted_or_sum, .end = position & ~(u64)(PAGE_SIZE - 1)};

	if (position < range.start + note_every)
		return;
	if (note_bytes(e, SLUICE_NOTE_RANGE, &range) == 0)
		run->noted_or_sum = range.end;
}

/* 0, or why the file's runs don't hold this write. */
static __always_inline u32 record(struct entry *e, struct address_space *mapping, u64 position, u32 copied)
{
	u64 end = position + copied;
	struct sluice_observe_run *run;
	u32 why;

	if (method == SLUICE_OBSERVE_HOOK && with_streams() && !e->events && (why = begin_stream(e)))
		return why;
	run = run_at(e, position);
	if (!run)
		return SLUICE_WHY_LOST;
	if (method == SLUICE_OBSERVE_HOOK) {
		if (with_streams() && (e->stream == SLUICE_NO_STREAM || e->next_run > 1))
			return SLUICE_WHY_STREAM;
		why = sum_to(e, run, mapping, end);
		if (why)
			return why;
	} else {
		note_progress(e, run, position);
	}
	run->end = end;
	if (e->highest < end)
		e->highest = end;
	return 0;
}

/*
 * A copy from user memory that is not there breaks off. The file system may drop what was copied,
 * and the write is tried again from the same place, or it may keep it, and the write goes on behind
 * it. So such a write claims nothing; the next one tells which it was.
 */
static __always_inline u32 settle_pending(struct entry *e, struct address_space *mapping, u64 position)
{
	if (!e->pending)
		return 0;
	e->pending = 0;
	if (position == e->pending_start)
		return 0;
	/* To sum the bytes now would be to read folios that are not locked. */
	if (position != e->pending_end || method == SLUICE_OBSERVE_HOOK)
		return SLUICE_WHY_SHORT;
	return record(e, mapping, e->pending_start, e->pending_end - e->pending_start);
}

/* Of a claimed entry. */
static __always_inline u32 take_write(struct entry *e, struct address_space *mapping, u64 position, u32 length,
				      u32 copied)
{
	u32 why;

	if (e->why) {
		/* A file that must be read again is not worth the time. */
		free_stream(e);
		return 0;
	}
	if (is_mapped_writable(mapping))
		return SLUICE_WHY_MAPPED;
	why = settle_pending(e, mapping, position);
	if (why)
		return why;
	if (copied < length) {
		e->pending = 1;
		e->pending_start = position;
		e->pending_end = position + copied;
		return 0;
	}
	return record(e, mapping, position, copied);
}

static __noinline int on_write(struct inode *inode, u64 position, u32 length, u32 copied)
{
	struct sluice_observe_file file;
	struct entry *e = entry_of(inode, &file);
	u32 why;

	if (!e)
		return 0;
	COUNT(writes, 1);
	COUNT(bytes, copied);
	if (!claim(e, &file)) {
		mistrust(e, SLUICE_WHY_BUSY);
		note_if_stored(e);
		return 0;
	}
	why = take_write(e, BPF_CORE_READ(inode, i_mapping), position, length, copied);
	e->events++;
	if (why)
		mistrust(e, why);
	release(e);
	note_if_stored(e);
	return 0;
}
