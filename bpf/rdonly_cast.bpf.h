/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From any address of the kernel's to a pointer that a program may load from. A load that faults gives 0. */
#pragma once

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

/* Since 6.2: to a type of BTF. Since 6.17: to bytes, with type 0. */
extern void *bpf_rdonly_cast(const void *address, __u32 btf_id) __ksym __weak;
