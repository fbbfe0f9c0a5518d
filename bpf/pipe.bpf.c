// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The pipe tap: reduces the pages that a pipe of the calling process holds,
 * in place. Nothing is attached; the process splices data into its pipe, runs
 * `run`, and drains the pipe.
 *
 * All state belongs to a slot, of which each worker thread has its own: these
 * programs are preemptible, so two threads may be in them on one CPU.
 */
#include "bpf/pipe_tap.h"
#include "bpf/memory/page.bpf.h"
#include "bpf/memory/pipe_buffer.bpf.h"
#include "bpf/reduce/reduce.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* A slot's pipe, and where a run stands in it. Loop state lives here: on the stack it is unsound on 6.1. */
struct tap {
	u64 file;
	u64 pipe;
	u64 bufs;
	u64 remaining; /* bytes still to reduce */
	struct page_run run; /* what is left of the current buffer */
	u32 tail;
	u32 mask;
	u32 count;
	u32 status;
	u32 algorithms;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLUICE_SLOTS);
	__type(key, u32);
	__type(value, struct tap);
} taps SEC(".maps");

/* Committed states, which user space maps to start and to read a sum. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SLUICE_SLOTS);
	__type(key, u32);
	__type(value, struct sluice_state);
} states SEC(".maps");

/* A slot serves one thread, so it is an execution context as well as a stream. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLUICE_SLOTS);
	__type(key, u32);
	__type(value, struct sluice_work);
} works SEC(".maps");

struct at {
	u32 slot;
};

SEC("syscall")
int bind(struct sluice_bind *c)
{
	u32 slot = c->slot;
	struct tap *tap = bpf_map_lookup_elem(&taps, &slot);
	struct file *file = file_of(c->fd);

	if (!tap)
		return SLUICE_TAP_NO_SLOT;
	tap->pipe = (u64)pipe_of(file);
	tap->file = tap->pipe ? (u64)file : 0;
	return tap->pipe ? SLUICE_TAP_OK : SLUICE_TAP_NOT_A_PIPE;
}

/* At most one block of the current buffer. */
static long reduce_block_of_run(u64 i, struct at *at)
{
	u32 slot = at->slot;
	struct tap *tap = bpf_map_lookup_elem(&taps, &slot);
	struct sluice_work *work = bpf_map_lookup_elem(&works, &slot);
	u64 address;
	u32 len;

	if (!tap || !work || !tap->run.len)
		return 1;
	address = page_run_take(&tap->run, &len);
	if (!address || reduce_at(work, address, len, tap->algorithms)) {
		tap->status = SLUICE_TAP_UNREADABLE;
		return 1;
	}
	tap->remaining -= len;
	return 0;
}

static long reduce_buffer(u64 i, struct at *at)
{
	u32 slot = at->slot;
	struct tap *tap = bpf_map_lookup_elem(&taps, &slot);
	struct page_run run;

	if (!tap || !tap->remaining || i >= tap->count)
		return 1;
	if (pipe_buffer_run(tap->bufs, (tap->tail + (u32)i) & tap->mask, &run)) {
		tap->status = SLUICE_TAP_UNREADABLE;
		return 1;
	}
	if (run.len > tap->remaining)
		run.len = tap->remaining;
	tap->run = run;
	if (run.len <= PAGE_SIZE - run.offset % PAGE_SIZE)
		reduce_block_of_run(0, at);
	else
		bpf_loop(run.len / PAGE_SIZE + 2, reduce_block_of_run, at, 0);
	return tap->status != SLUICE_TAP_OK;
}

SEC("syscall")
int run(struct sluice_run *c)
{
	struct at at = {.slot = c->slot};
	u32 slot = c->slot;
	struct tap *tap = bpf_map_lookup_elem(&taps, &slot);
	struct sluice_state *state = bpf_map_lookup_elem(&states, &slot);
	struct sluice_work *work = bpf_map_lookup_elem(&works, &slot);
	struct pipe_inode_info *pipe;
	struct file *file;

	c->reduced = 0;
	if (!tap || !state || !work)
		return SLUICE_TAP_NO_SLOT;
	/* Once closed, the bound pipe's memory may serve another: the file must be the same, and still lead to it. */
	file = file_of(c->fd);
	pipe = (void *)tap->pipe;
	if (!tap->file || (u64)file != tap->file || pipe_of(file) != pipe)
		return SLUICE_TAP_NOT_BOUND;
	tap->bufs = (u64)BPF_CORE_READ(pipe, bufs);
	tap->tail = BPF_CORE_READ(pipe, tail);
	tap->mask = BPF_CORE_READ(pipe, ring_size) - 1;
	tap->count = BPF_CORE_READ(pipe, head) - tap->tail;
	tap->remaining = c->bytes;
	tap->status = SLUICE_TAP_OK;
	tap->algorithms = c->algorithms;

	if (reduce_begin(work, state, c->algorithms))
		return SLUICE_TAP_FOREIGN;
	bpf_loop(tap->count, reduce_buffer, &at, 0);
	c->reduced = c->bytes - tap->remaining;
	if (tap->status != SLUICE_TAP_OK)
		return tap->status;
	if (tap->remaining)
		return SLUICE_TAP_SHORT;
	return reduce_commit(work, state, c->algorithms, c->bytes) ? SLUICE_TAP_NO_SLOT : SLUICE_TAP_OK;
}
