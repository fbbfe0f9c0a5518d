/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The method hook: sums what a write left in the page cache. */
#pragma once

#include "bpf/memory/folio.bpf.h"
#include "bpf/observe/entry.bpf.h"
#include "bpf/reduce/reduce.bpf.h"

const volatile u32 algorithms = SLUICE_ADLER32;
const volatile u32 streams = 1; /* entries of `works` and `taken_streams` where there are CRCs */

/*
 * Adler-32 alone: one for each CPU, since its state fits into a run. With CRCs: one for each
 * stream, so that their kilobytes of history stay where they are between two writes.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct sluice_work);
} works SEC(".maps");

/* How every stream begins. User space writes it once, before anything is attached. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct sluice_state);
} beginnings SEC(".maps");

/* Where a CPU's program stands in a range. Loop state lives here: on the stack it is unsound on 6.1. */
struct walk {
	u32 busy;
	u32 work;
	u64 mapping;
	u64 position;
	u64 end;
	struct page_run run;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct walk);
} walks SEC(".maps");

struct at {
	u32 cpu;
};

static __always_inline bool with_streams(void)
{
	return algorithms != SLUICE_ADLER32;
}

/* At most one page. */
static long sum_page(u64 i, struct at *at)
{
	u32 cpu = at->cpu, index;
	struct walk *walk = bpf_map_lookup_elem(&walks, &cpu);
	struct sluice_work *work;
	struct page_run run;
	u64 address;
	u32 len;

	if (!walk || walk->position >= walk->end)
		return 1;
	index = walk->work;
	work = bpf_map_lookup_elem(&works, &index);
	if (!work)
		return 1;
	run = walk->run;
	if (!run.len)
		page_cache_run((void *)walk->mapping, walk->position, walk->end, &run);
	if (!run.len)
		return 1;
	address = page_run_take(&run, &len);
	if (!address || reduce_at(work, address, len, algorithms))
		return 1;
	walk->run = run;
	walk->position += len;
	return 0;
}

/* The memory that the entry's bytes are summed in, with the sums of the run so far. */
static __always_inline struct sluice_work *take_up(struct entry *e, struct sluice_observe_run *run, u32 *index)
{
	struct sluice_work *work;

	if (with_streams())
		*index = e->stream;
	work = bpf_map_lookup_elem(&works, index);
	if (work && !with_streams()) {
		work->adler_a = run->noted_or_sum & 0xffff;
		work->adler_b = run->noted_or_sum >> 16 & 0xffff;
	}
	return work;
}

/* Extends a run of a claimed entry to `end`: 0, or why it can't be. */
static __always_inline u32 sum_to(struct entry *e, struct sluice_observe_run *run, struct address_space *mapping,
				  u64 end)
{
	struct at at = {.cpu = bpf_get_smp_processor_id()};
	u32 cpu = at.cpu, index = cpu, why = SLUICE_WHY_UNREADABLE;
	struct walk *walk = bpf_map_lookup_elem(&walks, &cpu);
	struct sluice_work *work;

	if (!walk || __sync_lock_test_and_set(&walk->busy, 1))
		return SLUICE_WHY_BUSY;
	work = take_up(e, run, &index);
	if (work) {
		walk->work = index;
		walk->mapping = (u64)mapping;
		walk->position = run->end;
		walk->end = end;
		walk->run.len = 0;
		if (run->end % PAGE_SIZE + (end - run->end) <= PAGE_SIZE)
			sum_page(0, &at);
		else
			bpf_loop((end - run->end) / PAGE_SIZE + 2, sum_page, &at, 0);
		if (walk->position == end)
			why = 0;
		if (!with_streams())
			run->noted_or_sum = work->adler_b << 16 | work->adler_a;
	}
	__sync_lock_test_and_set(&walk->busy, 0);
	return why;
}

struct stream_search {
	u64 number;
	u32 found;
};

static long take_if_free(u64 i, struct stream_search *search)
{
	u32 stream = (search->number + i) % streams, *taken;

	taken = bpf_map_lookup_elem(&taken_streams, &stream);
	if (!taken || __sync_lock_test_and_set(taken, 1))
		return 0;
	search->found = stream;
	return 1;
}

/* A stream for a file that has none, at its beginning: 0, or why there is none. */
static __always_inline u32 begin_stream(struct entry *e)
{
	struct stream_search search = {.number = e->number, .found = SLUICE_NO_STREAM};
	u32 index, zero = 0;
	struct sluice_state *beginning = bpf_map_lookup_elem(&beginnings, &zero);
	struct sluice_work *work;

	if (!beginning || e->stream != SLUICE_NO_STREAM)
		return SLUICE_WHY_STREAM;
	bpf_loop(streams, take_if_free, &search, 0);
	index = search.found;
	e->stream = index;
	work = bpf_map_lookup_elem(&works, &index);
	return !work || reduce_begin(work, beginning, algorithms) ? SLUICE_WHY_STREAM : 0;
}
