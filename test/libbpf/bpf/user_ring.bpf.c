/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Drains a user ring buffer (6.1) and sums what is in it. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} requests SEC(".maps");

volatile __u64 sum = 0;

static long add(struct bpf_dynptr *record, void *context)
{
	__u64 *number = bpf_dynptr_data(record, 0, sizeof(*number));

	if (number)
		sum += *number;
	return 0;
}

SEC("syscall")
int drain(void *context)
{
	return bpf_user_ringbuf_drain(&requests, add, 0, 0);
}
