/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What pipe.bpf.c and its caller exchange. */
#pragma once

#include <linux/types.h>

struct sluice_bind {
	__u32 slot;
	__s32 fd; /* either end of the pipe */
};

struct sluice_run {
	__u32 slot;
	__s32 fd;
	__u32 algorithms; /* mask, reduce/state.h */
	__u32 reserved;
	__u64 bytes; /* to reduce, from the front of the pipe */
	__u64 reduced; /* out: less than `bytes` where the run failed */
};

enum sluice_tap_status {
	SLUICE_TAP_OK = 0,
	SLUICE_TAP_NO_SLOT, /* no such slot, or a map is missing */
	SLUICE_TAP_NOT_A_PIPE, /* the descriptor to bind is not a pipe */
	SLUICE_TAP_NOT_BOUND, /* the descriptor is not the pipe that was bound to the slot */
	SLUICE_TAP_UNREADABLE, /* a page could not be read */
	SLUICE_TAP_SHORT, /* the pipe held fewer bytes than were to be reduced */
	SLUICE_TAP_FOREIGN, /* the slot's state is another backend's */
};
