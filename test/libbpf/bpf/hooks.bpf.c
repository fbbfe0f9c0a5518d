/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A program for each hook, all of which count how often they ran for one
 * process. A test turns autoload on for the one that it attaches.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 process = 0;
volatile __u64 hits = 0;
volatile __u64 cookie = 0;

static void hit(void)
{
	if (bpf_get_current_pid_tgid() >> 32 == process)
		__sync_fetch_and_add(&hits, 1);
}

SEC("kprobe")
int on_kprobe(void *context)
{
	hit();
	return 0;
}

SEC("kretprobe")
int on_kretprobe(void *context)
{
	hit();
	return 0;
}

SEC("kprobe.multi")
int on_kprobe_multi(void *context)
{
	hit();
	return 0;
}

SEC("fentry/vfs_read")
int on_fentry(void *context)
{
	hit();
	return 0;
}

SEC("fexit/vfs_read")
int on_fexit(void *context)
{
	hit();
	return 0;
}

SEC("fentry")
int on_fentry_by_name(void *context)
{
	hit();
	return 0;
}

SEC("lsm/file_open")
int on_file_open(void *context)
{
	hit();
	return 0;
}

SEC("raw_tp")
int on_raw_tracepoint(void *context)
{
	hit();
	return 0;
}

SEC("raw_tp")
int on_raw_tracepoint_too(void *context)
{
	if (bpf_get_current_pid_tgid() >> 32 == process)
		cookie = 1;
	return 0;
}

SEC("tp")
int on_tracepoint(void *context)
{
	hit();
	return 0;
}

SEC("perf_event")
int on_perf_event(void *context)
{
	hit();
	return 0;
}

SEC("perf_event")
int with_cookie(void *context)
{
	cookie = bpf_get_attach_cookie(context);
	hit();
	return 0;
}

SEC("uprobe")
int on_uprobe(void *context)
{
	hit();
	return 0;
}

SEC("uretprobe")
int on_uretprobe(void *context)
{
	hit();
	return 0;
}

SEC("usdt")
int on_usdt(struct pt_regs *context)
{
	long argument = 0;

	if (bpf_usdt_arg(context, 0, &argument) == 0 && argument == 42)
		hit();
	return 0;
}

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

struct bpf_iter_meta {
	struct seq_file *seq;
} __attribute__((preserve_access_index));

struct task_struct {
	int pid;
	int tgid;
} __attribute__((preserve_access_index));

SEC("iter/task")
int on_task(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct seq_file *output = context->meta->seq;

	if (task && task->tgid == process && task->pid == process)
		BPF_SEQ_PRINTF(output, "process %d\n", task->pid);
	return 0;
}

SEC("cgroup/sock_create")
int on_socket(void *context)
{
	hits++;
	return 1;
}

SEC("xdp")
int on_xdp(void *context)
{
	hits++;
	return XDP_PASS;
}

SEC("xdp")
int on_xdp_too(void *context)
{
	hits += 100;
	return XDP_PASS;
}

SEC("tcx/ingress")
int on_ingress(void *context)
{
	hits++;
	return 0;
}

SEC("tcx/egress")
int on_egress(void *context)
{
	hits++;
	return 0;
}

SEC("tc")
int on_filter(void *context)
{
	hits++;
	return 0;
}

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

SEC("sk_skb/stream_verdict")
int on_data(struct __sk_buff *context)
{
	hits += context->len;
	return SK_PASS;
}

SEC("sk_msg")
int on_message(struct sk_msg_md *context)
{
	hits += context->size;
	return SK_PASS;
}
