/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A program that is called, and changes its context (5.14). */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("syscall")
int increment(__u64 *number)
{
	(*number)++;
	return 7;
}
