/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which files are observed: those of watched file systems, or only those that lie in certain folders. */
#pragma once

#include "bpf/memory/file.bpf.h"
#include "bpf/observe.h"

#define S_IFREG 0100000

#define TREE_DEPTH 128 /* a file that lies deeper is read again when it is closed */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, u32);
	__type(value, struct sluice_observe_watched);
} watched SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct sluice_observe_file);
	__type(value, u32);
} roots SEC(".maps");

/* Files that were found not to be in a tree; the value is that of `moves` when they were. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct sluice_observe_file);
	__type(value, u32);
} outside SEC(".maps");

u32 moves = 0;

static __always_inline bool is_regular(struct inode *inode)
{
	return (READ(inode, i_mode) & S_IFMT) == S_IFREG;
}

static __always_inline struct dentry *dentry_of(struct inode *inode)
{
	u64 alias = (u64)BPF_CORE_READ(inode, i_dentry.first);

	if (!alias)
		return NULL;
	if (bpf_core_field_exists(struct dentry___unnamed, d_alias))
		return (void *)(alias - bpf_core_field_offset(struct dentry___unnamed, d_alias));
	return (void *)(alias - bpf_core_field_offset(struct dentry, d_u));
}

struct climb {
	u64 dentry;
	u64 found;
	u32 dev;
};

static long climb_one(u64 i, struct climb *climb)
{
	struct dentry *dentry = (void *)climb->dentry, *parent;
	struct sluice_observe_file folder = {.dev = climb->dev};

	parent = BPF_CORE_READ(dentry, d_parent);
	if (parent == dentry)
		return 1;
	folder.ino = BPF_CORE_READ(parent, d_inode, i_ino);
	if (bpf_map_lookup_elem(&roots, &folder)) {
		climb->found = 1;
		return 1;
	}
	climb->dentry = (u64)parent;
	return 0;
}

/* By one of its names; user space, which sees all of them, has the last word. */
static __always_inline bool lies_in_tree(struct inode *inode, const struct sluice_observe_file *file)
{
	u32 *seen = bpf_map_lookup_elem(&outside, file), now = moves;
	struct climb climb = {.dentry = (u64)dentry_of(inode), .dev = file->dev};

	if (seen && *seen == now)
		return false;
	if (climb.dentry)
		bpf_loop(TREE_DEPTH, climb_one, &climb, 0);
	if (climb.found)
		return true;
	bpf_map_update_elem(&outside, file, &now, BPF_ANY);
	return false;
}
