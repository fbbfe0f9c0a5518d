/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A tracing program that enters the function it is attached to: the kernel
 * does not run it a second time within itself, and counts the event as missed.
 * Under full preemption the same happens between threads, unseen.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} watched SEC(".maps");

volatile __u64 runs = 0;

struct bpf_map;

/* Deletions from our own map only: other processes' pass by. */
SEC("fentry/htab_map_delete_elem")
int BPF_PROG(on_delete, struct bpf_map *map)
{
	__u32 key = 0;

	if (map != (void *)&watched)
		return 0;
	runs++;
	bpf_map_delete_elem(&watched, &key);
	return 0;
}
