// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sluice {

// A lease binds this machine's kernel only: on a cluster or network file system others may write all the same. So may a
// shared mapping of a file on overlayfs: it belongs to the layer's inode, and the overlay's sees no writer.
bool on_local_file_system(int fd);

// Space is promised a block at a time while a file grows (ext4); where it is by extents (xfs), nothing is gained by
// asking for much at once.
bool allocates_by_block(int fd);

// The content is made up as it is read (/proc, /sys), so the size says nothing.
bool is_generated(int fd);

}  // namespace sluice
