/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The verifier refuses the first, the second is right. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} cells SEC(".maps");

SEC("raw_tp")
int unchecked(void *context)
{
	__u32 key = 0;
	__u64 *cell = bpf_map_lookup_elem(&cells, &key);

	return *cell;
}

SEC("raw_tp")
int checked(void *context)
{
	__u32 key = 0;
	__u64 *cell = bpf_map_lookup_elem(&cells, &key);

	return cell ? *cell : 0;
}
