/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Functions of the kernel, each with a program that it calls itself (fentry) and one at a
 * breakpoint or ftrace's place in it (kprobe), round the same body.
 */
#pragma once

#include <linux/ptrace.h>
#include <bpf/bpf_tracing.h>

#include "bpf/kernel.bpf.h"

#define ARGUMENTS_1(c) c[0]
#define ARGUMENTS_2(c) c[0], c[1]
#define ARGUMENTS_3(c) c[0], c[1], c[2]
#define ARGUMENTS_4(c) ARGUMENTS_3(c), c[3]
#define ARGUMENTS_6(c) ARGUMENTS_4(c), c[4], c[5]
#define ARGUMENTS_7(c) ARGUMENTS_6(c), c[6]

#define REGISTERS_1(c) PT_REGS_PARM1(c)
#define REGISTERS_2(c) PT_REGS_PARM1(c), PT_REGS_PARM2(c)
#define REGISTERS_3(c) PT_REGS_PARM1(c), PT_REGS_PARM2(c), PT_REGS_PARM3(c)
#define REGISTERS_4(c) REGISTERS_3(c), PT_REGS_PARM4(c)
#define REGISTERS_6(c) REGISTERS_4(c), PT_REGS_PARM5(c), PT_REGS_PARM6(c)
#define REGISTERS_7(c) REGISTERS_6(c), seventh_argument(c)

/* Six go in registers; this one lies above the return address. */
static __always_inline u64 seventh_argument(struct pt_regs *c)
{
	u64 argument = 0;

	bpf_probe_read_kernel(&argument, sizeof(argument), (void *)PT_REGS_SP(c) + 8);
	return argument;
}

/* A function by its first `count` arguments, which come as 64 bits each: the upper ones of an int mean nothing. */
#define FUNCTION(name, count, ...)                                                                                     \
	static __always_inline int at_##name(__VA_ARGS__);                                                             \
                                                                                                                       \
	SEC("fentry/" #name)                                                                                           \
	int fentry_##name(u64 *c)                                                                                      \
	{                                                                                                              \
		return at_##name(ARGUMENTS_##count(c));                                                                \
	}                                                                                                              \
                                                                                                                       \
	SEC("kprobe/" #name)                                                                                           \
	int kprobe_##name(struct pt_regs *c)                                                                           \
	{                                                                                                              \
		return at_##name(REGISTERS_##count(c));                                                                \
	}                                                                                                              \
                                                                                                                       \
	static __always_inline int at_##name(__VA_ARGS__)
