/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Why things are as they are told: REASON(NAME, word). The programs, native/observe, lib/native/observe.ts and
 * docs/observe.md have the same ones, which a test compares.
 */
#pragma once

/* Why a file was read, although programs may have seen how it was written. Those of the programs come first. */
#define SLUICE_REREAD_REASONS(REASON)                                                                                  \
	/* a shared mapping that may be written was there: its stores are silent */                                    \
	REASON(MAPPED, "mapped")                                                                                       \
	/* an O_DIRECT write */                                                                                        \
	REASON(DIRECT, "direct")                                                                                       \
	/* shrunk, or grown by truncate(2) */                                                                          \
	REASON(TRUNCATED, "truncated")                                                                                 \
	/* a range was punched, zeroed, collapsed or inserted */                                                       \
	REASON(FALLOCATED, "fallocated")                                                                               \
	/* a copy from user memory broke off, and what became of it is not known */                                    \
	REASON(SHORT, "short")                                                                                         \
	/* a page was not found, or could not be read */                                                               \
	REASON(UNREADABLE, "unreadable")                                                                               \
	/* no room in the ring buffer, or more than the owner's part of it */                                          \
	REASON(LOST, "lost")                                                                                           \
	/* a CRC goes on from one place only: no stream was free, or a write began elsewhere */                        \
	REASON(STREAM, "stream")                                                                                       \
	/* another program of this tap was interrupted on this CPU, or was in the same entry */                        \
	REASON(BUSY, "busy")                                                                                           \
	/* the kernel left out a run of a program since the file's number was given */                                 \
	REASON(MISSED, "missed")                                                                                       \
	/* nothing was seen of the file before user space asked */                                                     \
	REASON(ADOPTED, "adopted")                                                                                     \
	/* a range became another file's, or changed places with it */                                                 \
	REASON(CLONED, "cloned")                                                                                       \
	/* user space: what was seen leaves holes, or holds something twice */                                         \
	REASON(GAPS, "gaps")                                                                                           \
	/* user space: the programs know nothing of it */                                                              \
	REASON(UNSEEN, "unseen")                                                                                       \
	/* user space: a range was not told, or could not be read */                                                   \
	REASON(UNFOLLOWED, "unfollowed")                                                                               \
	/* user space: to read so small a file costs less */                                                           \
	REASON(SMALL, "small")                                                                                         \
	/* user space: no programs are attached */                                                                     \
	REASON(UNATTACHED, "unattached")

/* Why a file that was followed at first is summed in the hook. */
#define SLUICE_SWITCH_REASONS(REASON)                                                                                  \
	/* user space has not taken the notes of the last MiBs */                                                      \
	REASON(BEHIND, "behind")                                                                                       \
	/* to open it would break the lease that somebody has on it */                                                 \
	REASON(LEASED, "leased")
