// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The pipe tap: reduces the pages that a pipe of the calling process holds,
 * in place. Nothing is attached; the process splices data into its pipe, runs
 * `run`, and drains the pipe.
 *
 * All state belongs to a slot, of which each worker thread has its own: these
 * programs are preemptible, so two threads may be in them on one CPU.
 */
#include "bpf/pipe.h"
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
	u64 page; /* of the current fragment, from `offset` on */
	u32 offset;
	u32 len;
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

/* At most one block of the current fragment. */
static long reduce_piece(u64 i, struct at *at)
{
	u32 slot = at->slot;
	struct tap *tap = bpf_map_lookup_elem(&taps, &slot);
	u64 page, len;

	if (!tap || !tap->len)
		return 1;
	/* A piece ends with its page, so that each page's flags are looked at once. */
	page = tap->page + (tap->offset / SLUICE_BLOCK) * bpf_core_type_size(struct page);
	len = SLUICE_BLOCK - tap->offset % SLUICE_BLOCK;
	if (len > tap->len)
		len = tap->len;
	if (!page_readable(page) || reduce_at(slot, page_address(tap->page) + tap->offset, len, tap->algorithms)) {
		tap->status = SLUICE_TAP_UNREADABLE;
		return 1;
	}
	tap->offset += len;
	tap->len -= len;
	tap->remaining -= len;
	return 0;
}

static long reduce_fragment(u64 i, struct at *at)
{
	u32 slot = at->slot;
	struct tap *tap = bpf_map_lookup_elem(&taps, &slot);
	struct fragment fragment;

	if (!tap || !tap->remaining || i >= tap->count)
		return 1;
	if (pipe_fragment(tap->bufs, (tap->tail + (u32)i) & tap->mask, &fragment)) {
		tap->status = SLUICE_TAP_UNREADABLE;
		return 1;
	}
	tap->page = fragment.page;
	tap->offset = fragment.offset;
	tap->len = fragment.len < tap->remaining ? fragment.len : tap->remaining;
	if (tap->len <= SLUICE_BLOCK - tap->offset % SLUICE_BLOCK)
		reduce_piece(0, at);
	else
		bpf_loop(tap->len / SLUICE_BLOCK + 2, reduce_piece, at, 0);
	return tap->status != SLUICE_TAP_OK;
}

SEC("syscall")
int run(struct sluice_run *c)
{
	struct at at = {.slot = c->slot};
	u32 slot = c->slot;
	struct tap *tap = bpf_map_lookup_elem(&taps, &slot);
	struct pipe_inode_info *pipe;
	struct file *file;

	c->reduced = 0;
	if (!tap)
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

	if (reduce_begin(slot, c->algorithms))
		return SLUICE_TAP_NO_SLOT;
	bpf_loop(tap->count, reduce_fragment, &at, 0);
	c->reduced = c->bytes - tap->remaining;
	if (tap->status != SLUICE_TAP_OK)
		return tap->status;
	if (tap->remaining)
		return SLUICE_TAP_SHORT;
	return reduce_commit(slot, c->algorithms, c->bytes) ? SLUICE_TAP_NO_SLOT : SLUICE_TAP_OK;
}
