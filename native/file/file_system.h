// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sluice {

// Its magic number (linux/magic.h); 0 where it is not told.
int64_t file_system_type(int fd);

// Whether a read lease proves that nobody writes. It binds this machine's kernel only: on a cluster or network file
// system others may write all the same. So may a shared mapping of a file on overlayfs: it belongs to the layer's
// inode, and the overlay's sees no writer. On tmpfs and hugetlbfs, which never write a page back, pages may be pinned
// for good (a registered buffer of io_uring, RDMA) and written to when nobody has the file open or mapped any more;
// other file systems refuse that (Linux 6.5; before, io_uring did).
bool lease_excludes_writers(int fd);

// Other machines, or a program that serves it (FUSE), may change what is on it, and this kernel is not told.
bool changes_elsewhere(int fd);

// Space is promised a block at a time while a file grows (ext4); where it is by extents (xfs), nothing is gained by
// asking for much at once.
bool allocates_by_block(int fd);

// The content is made up as it is read (/proc, /sys), so the size says nothing.
bool is_generated(int fd);

}  // namespace sluice
