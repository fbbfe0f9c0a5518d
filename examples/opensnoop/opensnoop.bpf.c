/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Which files are opened, by whom, and with what result.
 *
 * On the raw tracepoints of all system calls, as they are there on every
 * kernel: tracepoints of single calls need tracefs, kprobes a kernel with them.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#if defined(__TARGET_ARCH_x86)
#define SYS_OPEN 2
#define SYS_OPENAT 257
#elif defined(__TARGET_ARCH_arm64)
#define SYS_OPEN -1
#define SYS_OPENAT 56
#endif

/* 0: all processes. */
const volatile __u32 target_process = 0;

/* Events that found no room in the ring. */
volatile __u64 lost = 0;

struct event {
	__u32 process;
	__s32 result;
	char command[16];
	char path[256];
};

/* Brings the layout into BTF, where the reader finds it. */
const struct event *unused_event __attribute__((unused));

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

/* Address of the path, by thread, while it is in the call. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, __u64);
} opening SEC(".maps");

SEC("raw_tp/sys_enter")
int enter(struct bpf_raw_tracepoint_args *context)
{
	struct pt_regs *registers = (void *)context->args[0];
	__u64 current = bpf_get_current_pid_tgid(), path = 0;
	__u32 thread = current;
	long call = context->args[1];

	if (call != SYS_OPEN && call != SYS_OPENAT)
		return 0;
	if (target_process && current >> 32 != target_process)
		return 0;
	bpf_probe_read_kernel(&path, sizeof(path),
			      call == SYS_OPEN ? &PT_REGS_PARM1_SYSCALL(registers) : &PT_REGS_PARM2_SYSCALL(registers));
	bpf_map_update_elem(&opening, &thread, &path, BPF_ANY);
	return 0;
}

SEC("raw_tp/sys_exit")
int leave(struct bpf_raw_tracepoint_args *context)
{
	__u64 current = bpf_get_current_pid_tgid();
	__u32 thread = current;
	__u64 *path = bpf_map_lookup_elem(&opening, &thread);
	struct event *event;

	if (!path)
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (event) {
		event->process = current >> 32;
		event->result = context->args[1];
		bpf_get_current_comm(event->command, sizeof(event->command));
		/* Only now: the call has read the path, so its page is there. */
		if (bpf_probe_read_user_str(event->path, sizeof(event->path), (void *)*path) < 0)
			event->path[0] = '\0';
		bpf_ringbuf_submit(event, 0);
	} else {
		__sync_fetch_and_add(&lost, 1);
	}
	bpf_map_delete_elem(&opening, &thread);
	return 0;
}
