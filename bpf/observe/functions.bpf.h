/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The functions through which files change, where their file systems have no tracepoints for it. */
#pragma once

#include "bpf/observe/change.bpf.h"
#include "bpf/observe/exchange.bpf.h"
#include "bpf/observe/function.bpf.h"

/* A function at whose end the files' changes are told that `begin_exchange` was given at its begin. */
#define FUNCTION_FROM_BEGIN_TO_END(name, count, ...)                                                                   \
	SEC("fexit/" #name)                                                                                            \
	int fexit_##name(u64 *c)                                                                                       \
	{                                                                                                              \
		return end_exchange();                                                                                 \
	}                                                                                                              \
                                                                                                                       \
	SEC("kretprobe/" #name)                                                                                        \
	int kretprobe_##name(struct pt_regs *c)                                                                        \
	{                                                                                                              \
		return end_exchange();                                                                                 \
	}                                                                                                              \
                                                                                                                       \
	FUNCTION(name, count, __VA_ARGS__)

#define FALL_BACK_TO_NONDELALLOC 1 /* ext4: the write ends in ext4_write_end after all */
#define ATTR_SIZE (1 << 3)
#define FALLOC_FL_KEEP_SIZE 0x01
#define REMAP_FILE_DEDUP (1 << 0)

/* Since 6.15 the position is in the iterator alone. */
const volatile u32 iomap_write_end_takes_position = 0;

static __always_inline int on_write_end(u64 mapping, u64 position, u64 length, u64 copied)
{
	return on_write(BPF_CORE_READ((struct address_space *)mapping, host), position, length, copied);
}

/* write_end of address_space_operations; the first argument is a file's or a kiocb's. */
FUNCTION(ext4_da_write_end, 7, u64 file, u64 mapping, u64 position, u64 length, u64 copied, u64 folio, u64 data)
{
	return data == FALL_BACK_TO_NONDELALLOC ? 0 : on_write_end(mapping, position, length, copied);
}

FUNCTION(ext4_write_end, 6, u64 file, u64 mapping, u64 position, u64 length, u64 copied, u64 folio)
{
	return on_write_end(mapping, position, length, copied);
}

FUNCTION(ext4_journalled_write_end, 6, u64 file, u64 mapping, u64 position, u64 length, u64 copied, u64 folio)
{
	return on_write_end(mapping, position, length, copied);
}

FUNCTION(shmem_write_end, 6, u64 file, u64 mapping, u64 position, u64 length, u64 copied, u64 folio)
{
	return on_write_end(mapping, position, length, copied);
}

/* xfs: (iterator, position, length, copied), or without the position. */
FUNCTION(iomap_write_end, 4, u64 iterator, u64 second, u64 third, u64 fourth)
{
	struct iomap_iter *iter = (void *)iterator;
	struct inode *inode = BPF_CORE_READ(iter, inode);

	if (iomap_write_end_takes_position)
		return on_write(inode, second, third, fourth);
	return on_write(inode, BPF_CORE_READ(iter, pos), second, third);
}

FUNCTION(notify_change, 3, u64 idmap, u64 entry, u64 attributes)
{
	struct iattr *attr = (void *)attributes;
	struct dentry *dentry = (void *)entry;

	if (!(BPF_CORE_READ(attr, ia_valid) & ATTR_SIZE))
		return 0;
	return on_truncate(BPF_CORE_READ(dentry, d_inode), BPF_CORE_READ(attr, ia_size));
}

FUNCTION(vfs_fallocate, 3, u64 opened, u64 mode, u64 offset)
{
	struct file *file = (void *)opened;

	if (!((u32)mode & ~FALLOC_FL_KEEP_SIZE))
		return 0;
	return on_change(BPF_CORE_READ(file, f_mapping, host), SLUICE_WHY_FALLOCATED);
}

FUNCTION(xfs_file_remap_range, 6, u64 from, u64 from_position, u64 to, u64 position, u64 length, u64 flags)
{
	struct file *file = (void *)to;

	if ((u32)flags & REMAP_FILE_DEDUP)
		return 0;
	return on_change(BPF_CORE_READ(file, f_mapping, host), SLUICE_WHY_CLONED);
}

/* EXT4_IOC_MOVE_EXT: blocks of the one for blocks of the other. */
FUNCTION(ext4_move_extents, 2, u64 original, u64 donor)
{
	on_change(BPF_CORE_READ((struct file *)original, f_mapping, host), SLUICE_WHY_CLONED);
	return on_change(BPF_CORE_READ((struct file *)donor, f_mapping, host), SLUICE_WHY_CLONED);
}

/* XFS_IOC_SWAPEXT: all blocks of the one for those of the other. */
FUNCTION_FROM_BEGIN_TO_END(xfs_swap_extents, 2, u64 one, u64 other)
{
	return begin_exchange(&((struct xfs_inode *)one)->i_vnode, &((struct xfs_inode *)other)->i_vnode);
}

/* XFS_IOC_EXCHANGE_RANGE and XFS_IOC_COMMIT_RANGE (6.10, 6.12): a range of the one for a range of the other. */
FUNCTION_FROM_BEGIN_TO_END(xfs_exchange_range, 1, u64 asked)
{
	struct xfs_exchrange *exchange = (void *)asked;

	return begin_exchange(BPF_CORE_READ(exchange, file1, f_mapping, host),
			      BPF_CORE_READ(exchange, file2, f_mapping, host));
}

/* What an O_DIRECT write is about to replace on the device must not stay in the page cache; a read has no need of this. */
FUNCTION(invalidate_inode_pages2_range, 3, u64 mapping, u64 start, u64 end)
{
	return on_change(BPF_CORE_READ((struct address_space *)mapping, host), SLUICE_WHY_DIRECT);
}

static __always_inline int on_vm_fault(u64 fault)
{
	struct vm_fault *vmf = (void *)fault;

	return on_fault(BPF_CORE_READ(vmf, vma, vm_file, f_mapping));
}

FUNCTION(filemap_fault, 1, u64 fault)
{
	return on_vm_fault(fault);
}

FUNCTION(filemap_map_pages, 1, u64 fault)
{
	return on_vm_fault(fault);
}

FUNCTION(shmem_fault, 1, u64 fault)
{
	return on_vm_fault(fault);
}

FUNCTION(clear_inode, 1, u64 inode)
{
	return on_evict((struct inode *)inode);
}
