/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From a file to the pipe that it is and its buffers. */
#pragma once

#include "bpf/memory/file.bpf.h"
#include "bpf/memory/page.bpf.h"

#define S_IFIFO 0010000

/* The pipe of a file, or NULL where the file is not one. */
static __always_inline struct pipe_inode_info *pipe_of(struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct pipe_inode_info *pipe;

	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFIFO)
		return NULL;
	pipe = BPF_CORE_READ(inode, i_pipe);
	return pipe == BPF_CORE_READ(file, private_data) ? pipe : NULL;
}

/* The bytes of buffer `index` (already masked) of the array at `bufs`: 0, or an error of the read. */
static __always_inline long pipe_buffer_run(u64 bufs, u32 index, struct page_run *to)
{
	struct pipe_buffer *buffer = (void *)(bufs + (u64)index * bpf_core_type_size(struct pipe_buffer));

	/* One read instead of three wherever the three fields lie together, as they do on every kernel seen. */
	if (bpf_core_field_offset(struct pipe_buffer, page) == 0 &&
	    bpf_core_field_offset(struct pipe_buffer, offset) == 8 &&
	    bpf_core_field_offset(struct pipe_buffer, len) == 12)
		return bpf_probe_read_kernel(to, sizeof(*to), buffer);
	return bpf_core_read(&to->page, sizeof(to->page), &buffer->page) ?:
	       bpf_core_read(&to->offset, sizeof(to->offset), &buffer->offset) ?:
	       bpf_core_read(&to->len, sizeof(to->len), &buffer->len);
}
