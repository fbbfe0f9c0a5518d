/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From a descriptor of the calling task to the file behind it. */
#pragma once

#include "bpf/kernel.bpf.h"

#define S_IFMT 0170000

/*
 * The file behind a descriptor of this task. The table is read without its
 * lock: a resize by another thread may hand us a stale slot, so callers check
 * what they got before they believe it.
 */
static __always_inline struct file *file_of(s32 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files, *file = NULL;

	if (fd < 0 || (u32)fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	files = BPF_CORE_READ(table, fd);
	bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	return file;
}
