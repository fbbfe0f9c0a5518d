/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The one body of all hooks that see a write: bytes [position, position + copied) of an inode are
 * in the page cache, and their folio is locked.
 */
#pragma once

#include "bpf/observe/find.bpf.h"
#include "bpf/observe/sum.bpf.h"

const volatile u64 note_every = 1 << 20; /* bytes that a range has at least */

/* As many notes may wait to be taken before writers are asked to sum for themselves: 8 MiB of ranges. */
#define MOST_WAITING (8 * NOTE_SPACE)

static __always_inline bool is_mapped_writable(struct address_space *mapping)
{
	return READ(mapping, i_mmap_writable.counter) > 0;
}

static __always_inline bool is_summed(const struct entry *e, u32 i)
{
	return e->summed >> (i % SLUICE_OBSERVE_RUNS) & 1;
}

/* What a run that makes room leaves to be read or combined. 0, or -1 if there is no room to tell it. */
static __always_inline int let_go(struct entry *e, struct sluice_observe_run *run, bool summed)
{
	struct sluice_observe_run rest = *run;

	if (rest.end == rest.start)
		return 0;
	if (summed)
		return note_bytes(e, SLUICE_NOTE_RUN, &rest);
	rest.start = rest.noted_or_sum;
	rest.noted_or_sum = 0;
	return rest.start < rest.end ? note_bytes(e, SLUICE_NOTE_RANGE, &rest) : 0;
}

/* The run that ends here and whose bytes are taken in the same way; NULL if there is none. */
static __always_inline struct sluice_observe_run *run_ending(struct entry *e, u64 position, bool summed)
{
	for (u32 i = 0; i < SLUICE_OBSERVE_RUNS; i++) {
		struct sluice_observe_run *run = &e->runs[i];

		if (run->end == position && run->end > run->start && is_summed(e, i) == summed)
			return run;
	}
	return NULL;
}

/* NULL if the old one that had to make room is lost. */
static __always_inline struct sluice_observe_run *new_run(struct entry *e, u64 position, bool summed)
{
	struct sluice_observe_run *run;
	u32 i;

	/* The sums of a stream don't fit into a note. */
	if (with_streams() && is_summed(e, e->next_run))
		e->next_run++;
	i = e->next_run % SLUICE_OBSERVE_RUNS;
	barrier_var(i); /* or the bound, which the verifier wants to see, gets lost */
	if (i >= SLUICE_OBSERVE_RUNS)
		return NULL;
	run = &e->runs[i];
	if (let_go(e, run, is_summed(e, i)))
		return NULL;
	e->next_run++;
	e->summed = summed ? e->summed | 1 << i : e->summed & ~(1 << i);
	run->start = position;
	run->end = position;
	run->noted_or_sum = summed ? 1 : position;
	return run;
}

static __always_inline bool is_behind(void)
{
	return bpf_ringbuf_query(&notes, BPF_RB_AVAIL_DATA) > MOST_WAITING;
}

static __always_inline bool is_leased(struct inode *inode)
{
	struct file_lock_context *locks = BPF_CORE_READ(inode, i_flctx);

	return locks && BPF_CORE_READ(locks, flc_lease.next) != &locks->flc_lease;
}

static __always_inline bool is_due(const struct sluice_observe_run *run, u64 position)
{
	return run && position >= run->noted_or_sum + note_every;
}

/* Whether this write had better be summed, although those before it were followed. A life of a file changes once. */
static __always_inline bool switches(struct entry *e, struct inode *inode, u64 position)
{
	if (method != SLUICE_OBSERVE_AUTO || e->switched || !is_due(run_ending(e, position, false), position))
		return false;
	if (is_leased(inode))
		e->switched = SLUICE_SWITCH_LEASED;
	else if (is_behind())
		e->switched = SLUICE_SWITCH_BEHIND;
	e->in_hook = e->switched != SLUICE_NOT_SWITCHED;
	return e->in_hook;
}

/*
 * i_size moves after this hook, so that others can read only what came before this write. A full
 * ring is no loss here: the range goes out with the next write, or is read at the end.
 */
static __always_inline void note_progress(struct entry *e, struct sluice_observe_run *run, u64 position)
{
	struct sluice_observe_run range = {.start = run->noted_or_sum, .end = position & ~(u64)(PAGE_SIZE - 1)};

	if (is_due(run, position) && note_bytes(e, SLUICE_NOTE_RANGE, &range) == 0)
		run->noted_or_sum = range.end;
}

/* 0, or why the file's runs don't hold this write. */
static __always_inline u32 follow(struct entry *e, u64 position, u64 end)
{
	struct sluice_observe_run *run = run_ending(e, position, false);

	if (!run)
		run = new_run(e, position, false);
	if (!run)
		return SLUICE_WHY_LOST;
	note_progress(e, run, position);
	run->end = end;
	return 0;
}

static __always_inline u32 sum(struct entry *e, struct inode *inode, u64 position, u64 end)
{
	struct sluice_observe_run *run = run_ending(e, position, true);
	u32 why;

	if (!run) {
		if (with_streams() && (e->summed || begin_stream(e)))
			return SLUICE_WHY_STREAM;
		run = new_run(e, position, true);
	}
	if (!run)
		return SLUICE_WHY_LOST;
	if (with_streams() && e->stream == SLUICE_NO_STREAM)
		return SLUICE_WHY_STREAM;
	why = sum_to(e, run, READ(inode, i_mapping), end);
	if (!why)
		run->end = end;
	return why;
}

static __always_inline u32 record(struct entry *e, struct inode *inode, u64 position, u64 end)
{
	u32 why = SLUICE_WHY_STREAM;

	if (e->in_hook || switches(e, inode, position))
		why = sum(e, inode, position, end);
	/* A CRC goes on from one place only; what is written elsewhere can be followed. */
	if (why == SLUICE_WHY_STREAM && method != SLUICE_OBSERVE_HOOK) {
		e->in_hook = 0;
		why = follow(e, position, end);
	}
	if (!why && e->highest < end)
		e->highest = end;
	return why;
}

/*
 * A copy from user memory that is not there breaks off. The file system may drop what was copied,
 * and the write is tried again from the same place, or it may keep it, and the write goes on behind
 * it. So such a write claims nothing; the next one tells which it was.
 */
static __always_inline u32 settle_pending(struct entry *e, u64 position)
{
	if (!e->pending)
		return 0;
	e->pending = 0;
	if (position == e->pending_start)
		return 0;
	/* To sum the bytes now would be to read folios that are not locked. */
	if (position != e->pending_end || e->in_hook)
		return SLUICE_WHY_SHORT;
	if (e->highest < e->pending_end)
		e->highest = e->pending_end;
	return follow(e, e->pending_start, e->pending_end);
}

/* Of a claimed entry. */
static __always_inline u32 take_write(struct entry *e, struct inode *inode, u64 position, u32 length, u32 copied)
{
	u32 why;

	if (e->why) {
		/* A file that must be read again is not worth the time. */
		free_stream(e);
		return 0;
	}
	if (is_mapped_writable(READ(inode, i_mapping)))
		return SLUICE_WHY_MAPPED;
	why = settle_pending(e, position);
	if (why)
		return why;
	if (copied < length) {
		e->pending = 1;
		e->pending_start = position;
		e->pending_end = position + copied;
		return 0;
	}
	return record(e, inode, position, position + copied);
}

static __noinline int on_write(struct inode *inode, u64 position, u32 length, u32 copied)
{
	struct sluice_observe_file file;
	struct entry *e = entry_of(inode, &file, false);
	u32 why;

	if (!e)
		return 0;
	count_write(copied);
	if (!claim(e, &file)) {
		mistrust(e, SLUICE_WHY_BUSY);
		note_if_stored(e);
		return 0;
	}
	why = take_write(e, inode, position, length, copied);
	e->events++;
	if (why)
		mistrust(e, why);
	release(e);
	note_if_stored(e);
	return 0;
}
