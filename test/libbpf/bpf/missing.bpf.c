/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A raw tracepoint program that does what it is attached to, and is left out
 * for that: a miss each time that `miss` is run.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

volatile const __u32 tgid = 0;

SEC("raw_tp/bpf_trace_printk")
int on_print(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 == tgid)
		bpf_printk("missed");
	return 0;
}

SEC("syscall")
int miss(void *ctx)
{
	bpf_printk("seen");
	return 0;
}
