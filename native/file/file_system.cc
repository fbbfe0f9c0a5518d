// SPDX-License-Identifier: Apache-2.0
#include "native/file/file_system.h"

#include <linux/magic.h>
#include <sys/vfs.h>

namespace sluice {

int64_t file_system_type(int fd) {
  struct statfs fs{};
  return fstatfs(fd, &fs) < 0 ? 0 : static_cast<uint32_t>(fs.f_type);
}

bool lease_excludes_writers(int fd) {
  switch (file_system_type(fd)) {
    case EXT4_SUPER_MAGIC:
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case F2FS_SUPER_MAGIC:
    case RAMFS_MAGIC:
    case SQUASHFS_MAGIC:
    case ISOFS_SUPER_MAGIC:
    case MSDOS_SUPER_MAGIC:
    case 0x2fc12fc1:  // ZFS
      return true;
    default:
      return false;
  }
}

bool changes_elsewhere(int fd) {
  switch (file_system_type(fd)) {
    case NFS_SUPER_MAGIC:
    case SMB_SUPER_MAGIC:
    case SMB2_SUPER_MAGIC:
    case CIFS_SUPER_MAGIC:
    case CEPH_SUPER_MAGIC:
    case AFS_FS_MAGIC:
    case AFS_SUPER_MAGIC:
    case V9FS_MAGIC:
    case OCFS2_SUPER_MAGIC:
    case FUSE_SUPER_MAGIC:
    case 0x01161970:  // GFS2
    case 0x0bd00bd0:  // Lustre
    case 0x19830326:  // BeeGFS
    case 0x47504653:  // GPFS
      return true;
    default:
      return false;
  }
}

bool allocates_by_block(int fd) { return file_system_type(fd) == EXT4_SUPER_MAGIC; }

bool is_generated(int fd) {
  switch (file_system_type(fd)) {
    case PROC_SUPER_MAGIC:
    case SYSFS_MAGIC:
    case DEBUGFS_MAGIC:
    case TRACEFS_MAGIC:
    case SECURITYFS_MAGIC:
    case CGROUP_SUPER_MAGIC:
    case CGROUP2_SUPER_MAGIC:
      return true;
    default:
      return false;
  }
}

}  // namespace sluice
