/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * One of everything that runs without a hook on every kernel from 5.10 on:
 * variables of many types, maps, both buffers, programs that are called.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum color { RED, GREEN = 7, BLUE = -1 };

struct point {
	__s16 x;
	__u64 y;
	char name[8];
	union {
		__u32 word;
		__u8 octets[4];
	};
	unsigned int low : 3;
	int middle : 11;
	unsigned int high : 18;
	bool on;
	enum color color;
};

const volatile __u64 answer = 42;
const volatile struct point origin = {};
volatile __u64 counter = 0;
volatile __u32 started = 5;
volatile __s8 tiny = -3;
volatile struct point place = {};
volatile char greeting[16] = "hello";
volatile __u64 lost SEC(".data.lost") = 0;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct point);
} points SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} runs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} shared SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} samples SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} maps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} jumps SEC(".maps");

/* Puts context[1] records, of the numbers from context[0], into the ring. */
SEC("raw_tp")
int produce(__u64 *context)
{
	__u64 first = context[0], count = context[1];
	int i;

	counter++;
	for (i = 0; i < 1024; i++) {
		__u64 number = first + i;

		if (i >= count)
			break;
		if (bpf_ringbuf_output(&records, &number, sizeof(number), 0))
			lost++;
	}
	return 7;
}

SEC("raw_tp")
int sample(__u64 *context)
{
	__u32 key = 1, *value = bpf_map_lookup_elem(&runs, &key);
	__u64 *cell = bpf_map_lookup_elem(&shared, &key);
	struct {
		__u64 number;
		__u32 tail;
	} record = {.number = context[0], .tail = 3};

	if (value)
		(*value)++;
	if (cell)
		(*cell) += context[0];
	return bpf_perf_event_output(context, &samples, BPF_F_CURRENT_CPU, &record, 12);
}

SEC("xdp")
int mirror(struct xdp_md *context)
{
	__u8 *data = (void *)(long)context->data;

	if (data + 14 > (__u8 *)(long)context->data_end)
		return XDP_DROP;
	data[0] = 0xaa;
	return XDP_TX;
}

SEC("socket")
int jump(struct __sk_buff *context)
{
	bpf_tail_call(context, &jumps, 1);
	return 1;
}

SEC("socket")
int target(struct __sk_buff *context)
{
	return 99;
}
