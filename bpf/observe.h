/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What observe.bpf.c and its caller exchange. No address of the kernel is in it: a file has the
 * names that it has in its file handle, and what is known of it has a number.
 */
#pragma once

#include <linux/types.h>

#include "bpf/observe_reasons.h"

/* How many runs of a file are kept; with one more, the oldest goes out as a note. */
#define SLUICE_OBSERVE_RUNS 4

/* What is done about the bytes of a write. */
enum sluice_observe_method {
	SLUICE_OBSERVE_HOOK = 1, /* summed in the hook */
	SLUICE_OBSERVE_FOLLOW, /* their range is noted, for user space to read while it is cached */
	SLUICE_OBSERVE_AUTO, /* as FOLLOW, until user space does not keep up or should not open the file: then as HOOK */
};

/* Names a file while its file system is mounted. */
struct sluice_observe_file {
	__u64 ino;
	__u32 generation;
	__u32 dev; /* major << 20 | minor, as the kernel has it */
};

#define SLUICE_REREAD_INDEX(name, word) SLUICE_REREAD_##name,
#define SLUICE_WHY_BIT(name, word) SLUICE_WHY_##name = 1 << SLUICE_REREAD_##name,
#define SLUICE_SWITCH_INDEX(name, word) SLUICE_SWITCH_##name,

enum sluice_reread { SLUICE_REREAD_REASONS(SLUICE_REREAD_INDEX) SLUICE_REREADS };

/* Why the runs of a file don't say what it holds: those of the programs. */
enum sluice_observe_why { SLUICE_REREAD_REASONS(SLUICE_WHY_BIT) };

/* How a file that is followed at first came to be summed in the hook. */
enum sluice_switch { SLUICE_NOT_SWITCHED, SLUICE_SWITCH_REASONS(SLUICE_SWITCH_INDEX) SLUICE_SWITCHES };

/* Bytes [start, end) that were written one after the other. */
struct sluice_observe_run {
	__u64 start;
	__u64 end;
	/*
	 * Followed: the bytes before this one went out as notes.
	 * Summed in the hook, Adler-32 alone: the sum of the run. With CRCs there is one such run, whose
	 * sums are in the map `sums` until the next `finish`.
	 */
	__u64 noted_or_sum;
};

enum sluice_observe_note_kind {
	SLUICE_NOTE_RANGE = 1, /* follow: bytes that were written, and can be read now */
	SLUICE_NOTE_RUN, /* hook: a summed run that had to make room */
	SLUICE_NOTE_CHANGED, /* what is stored of the file no longer holds; `number` is of the life that ended, if it did */
};

/* A record of the ring buffer `notes`. */
struct sluice_observe_note {
	struct sluice_observe_file file;
	__u64 number; /* of the entry; 0: it had none before */
	__u32 kind;
	__u32 order; /* how many runs and ranges of this number went out before */
	struct sluice_observe_run run; /* of a range, `noted_or_sum` is 0 */
};

enum sluice_observe_flags {
	/* If the sequence is still `sequence`, a value is stored: the first change from now on is a note. */
	SLUICE_FINISH_STORED = 1,
	/* If the sequence is still `sequence`, or whatever it is where that is 0, the entry is dropped. */
	SLUICE_FINISH_FORGET = 2,
	/* Make an entry if there is none, so that changes are seen from now on. */
	SLUICE_FINISH_ADOPT = 4,
};

enum sluice_observe_found {
	SLUICE_FOUND_NOTHING = 0, /* no entry: nothing was seen of the file, or it is forgotten */
	SLUICE_FOUND_ENTRY,
	SLUICE_FOUND_BUSY, /* a program was at work on it: ask again */
	SLUICE_FOUND_MOVED, /* the sequence is not `sequence`: what was asked by the flags is not done */
};

/*
 * The context of `finish`: what is known of the file behind a descriptor of the caller, which
 * compares `file` with what fstat says.
 */
struct sluice_observe_finish {
	/* in */
	__s32 fd;
	__u32 flags;
	/* in and out: moves with every change that is seen; never the same for two entries */
	__u64 sequence;
	/* out */
	struct sluice_observe_file file;
	__u64 number; /* of a life of the file, from empty on; never given twice */
	__u64 size;
	__u64 events; /* writes seen */
	__u32 found;
	__u32 why; /* 0: the runs, together with the notes, are all that was written */
	__u32 notes; /* runs and ranges that went out, `order` 0 to notes - 1 */
	__u32 stored; /* a value is stored, and nothing changed since */
	__s32 writers; /* open descriptors that may write */
	__u32 tgid; /* who wrote first */
	char comm[16];
	struct sluice_observe_run runs[SLUICE_OBSERVE_RUNS]; /* start == end: none */
	__u32 summed; /* which of the runs were summed in the hook, by bit */
	__u32 switched; /* enum sluice_switch */
};

/* The context of `control`. */
enum sluice_observe_command {
	/* A program's recursion_misses moved: no entry that exists is to be believed. */
	SLUICE_CONTROL_MISSED = 1,
	/* A folder was moved: which files lie in the trees is asked anew. */
	SLUICE_CONTROL_MOVED,
	/* Whether there was a change, since this was asked last, that there was no room to note. */
	SLUICE_CONTROL_UNTOLD,
};

struct sluice_observe_control {
	__u32 command;
	__u32 untold; /* out */
};

/* Value of the map `watched`, whose key is the file system's dev. */
struct sluice_observe_watched {
	/* 1: all of it. 0: what lies in a folder of the map `roots`, whose key is a sluice_observe_file of generation 0. */
	__u32 whole;
};

/* Value of the map `counts`, for each CPU. */
struct sluice_observe_counts {
	__u64 writes;
	__u64 bytes;
	__u64 outside; /* writes to files of a watched file system that are not in a tree */
	__u64 entries; /* made */
	__u64 refused; /* entries for which there was no room */
	__u64 notes;
	__u64 lost; /* notes for which there was no room */
};
