/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Raw tracepoints: ext4 has one for each way that a write ends, and most kernels let them be used. */
#pragma once

#include "bpf/observe/change.bpf.h"

#define EXT4_HT_MOVE_EXTENTS 9

#define RAW_TP(name)                                                                                                   \
	SEC("raw_tp/" #name)                                                                                           \
	int raw_tp_##name(struct bpf_raw_tracepoint_args *c)
#define ARG(n) ((void *)c->args[n])

/* (inode, position, length, copied), one for each mode that an ext4 writes in */
RAW_TP(ext4_da_write_end)
{
	return on_write(ARG(0), c->args[1], c->args[2], c->args[3]);
}

RAW_TP(ext4_write_end)
{
	return on_write(ARG(0), c->args[1], c->args[2], c->args[3]);
}

RAW_TP(ext4_journalled_write_end)
{
	return on_write(ARG(0), c->args[1], c->args[2], c->args[3]);
}

RAW_TP(ext4_truncate_enter)
{
	struct inode *inode = ARG(0);

	return on_truncate(inode, BPF_CORE_READ(inode, i_size));
}

/* Nothing else is told of truncate(2) that makes a file longer. */
RAW_TP(ext4_mark_inode_dirty)
{
	return on_dirty(ARG(0));
}

/* EXT4_IOC_MOVE_EXT begins with this for each of the two files, and changes no time stamp. */
RAW_TP(ext4_es_remove_extent)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct jbd2_journal_handle *handle = BPF_CORE_READ(task, journal_info);

	if (!handle || !bpf_core_field_exists(handle->h_type) ||
	    BPF_CORE_READ_BITFIELD_PROBED(handle, h_type) != EXT4_HT_MOVE_EXTENTS)
		return 0;
	return on_change(ARG(0), SLUICE_WHY_CLONED);
}

RAW_TP(ext4_punch_hole)
{
	return on_change(ARG(0), SLUICE_WHY_FALLOCATED);
}

RAW_TP(ext4_zero_range)
{
	return on_change(ARG(0), SLUICE_WHY_FALLOCATED);
}

RAW_TP(ext4_collapse_range)
{
	return on_change(ARG(0), SLUICE_WHY_FALLOCATED);
}

RAW_TP(ext4_insert_range)
{
	return on_change(ARG(0), SLUICE_WHY_FALLOCATED);
}

RAW_TP(ext4_evict_inode)
{
	return on_evict(ARG(0));
}

RAW_TP(iomap_dio_rw_begin)
{
	struct kiocb *iocb = ARG(0);
	struct iov_iter *iter = ARG(1);

	/* The iterator says which way: flags of a kiocb are macros, which BTF does not know and releases renumber. */
	if (!BPF_CORE_READ(iter, data_source))
		return 0;
	return on_change(BPF_CORE_READ(iocb, ki_filp, f_mapping, host), SLUICE_WHY_DIRECT);
}

RAW_TP(mm_filemap_fault)
{
	return on_fault(ARG(0));
}

RAW_TP(mm_filemap_map_pages)
{
	return on_fault(ARG(0));
}
