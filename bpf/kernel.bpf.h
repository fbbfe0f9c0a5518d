/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The kernel types we read, as far as we read them: libbpf relocates each
 * access to the running kernel's layout (CO-RE), so a generated vmlinux.h of
 * one kernel is not needed.
 */
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "bpf/rdonly_cast.bpf.h"

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;
typedef __s64 s64;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct page {
	unsigned long flags;
};

struct pipe_buffer {
	struct page *page;
	unsigned int offset;
	unsigned int len;
};

struct pipe_inode_info {
	unsigned int head;
	unsigned int tail;
	unsigned int ring_size;
	struct pipe_buffer *bufs;
};

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	unsigned int val;
} kuid_t;

struct super_block {
	unsigned int s_dev;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct xa_node {
	unsigned char shift;
	void *slots[64];
};

struct xarray {
	void *xa_head;
};

struct inode;

struct address_space {
	struct inode *host;
	struct xarray i_pages;
	atomic_t i_mmap_writable;
};

struct list_head {
	struct list_head *next;
};

struct file_lock_context {
	struct list_head flc_lease;
};

struct inode {
	unsigned short i_mode;
	kuid_t i_uid;
	struct super_block *i_sb;
	struct address_space *i_mapping;
	unsigned long i_ino;
	unsigned int i_nlink;
	long long i_size;
	unsigned int i_generation;
	struct hlist_head i_dentry;
	atomic_t i_writecount;
	atomic_t i_dio_count;
	struct file_lock_context *i_flctx;
	struct pipe_inode_info *i_pipe;
};

union dentry_alias {
	struct hlist_node d_alias;
};

struct xfs_inode {
	struct inode i_vnode;
};

struct dentry {
	struct dentry *d_parent;
	struct inode *d_inode;
	union dentry_alias d_u;
};

/* The union has no name from 7.1 on. */
struct dentry___unnamed {
	struct hlist_node d_alias;
};

/* `flags` is the first word here too, and not named for the reason that memory/page.bpf.h gives. */
struct folio {
	unsigned long index;
	unsigned long _flags_1;
};

/* Until 6.5. */
struct folio___order {
	unsigned char _folio_order;
};

struct file {
	struct inode *f_inode;
	struct address_space *f_mapping;
	void *private_data;
};

struct xfs_exchrange {
	struct file *file1;
	struct file *file2;
};

struct kiocb {
	struct file *ki_filp;
};

struct iov_iter {
	bool data_source;
};

struct iomap_iter {
	struct inode *inode;
	long long pos;
};

struct iattr {
	unsigned int ia_valid;
	long long ia_size;
};

struct vm_area_struct {
	struct file *vm_file;
};

struct vm_fault {
	struct vm_area_struct *vma;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

typedef struct {
	unsigned long pgd;
} pgd_t;

struct mm_struct {
	pgd_t *pgd;
};

struct task_struct {
	struct files_struct *files;
	struct mm_struct *mm;
	struct jbd2_journal_handle *journal_info; /* of the journaling file system that it is in */
};

struct jbd2_journal_handle {
	unsigned int h_type : 8;
};

#pragma clang attribute pop

/*
 * A field behind a pointer, or 0 where it can't be read, as by BPF_CORE_READ. Where the kernel lets
 * that be done it is loaded where it lies: a hook that sees writes has nine fields to read, and calls
 * of bpf_probe_read_kernel were 40 % of its time.
 */
#define READ(pointer, field)                                                                                           \
	(bpf_rdonly_cast                                                                                               \
	     ? ((typeof(pointer))bpf_rdonly_cast(pointer, bpf_core_type_id_kernel(typeof(*(pointer)))))->field         \
	     : BPF_CORE_READ(pointer, field))
