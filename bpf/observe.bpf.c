// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The observe tap: sees what any process writes to files of watched file systems, and keeps of each
 * file which bytes were written, in one piece or in several, and their sums or where to read them
 * while they are cached. A file of which anything may have gone unseen is marked as one to read again.
 *
 * The programs of one kind are loaded; which ones, user space decides.
 */
#include "bpf/observe/raw_tp.bpf.h"
#include "bpf/observe/functions.bpf.h"
#include "bpf/observe/finish.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
