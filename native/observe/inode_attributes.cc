// SPDX-License-Identifier: Apache-2.0
#include "native/observe/inode_attributes.h"

#include <linux/fs.h>
#include <linux/limits.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>

namespace sluice {

Result<Attributes> attributes_of(int fd, const std::vector<std::string>& names) {
  Attributes found;
  // Most files have none at all, which costs one call to see.
  const ssize_t any = flistxattr(fd, nullptr, 0);
  if (any < 0) return attribute_failure("flistxattr", "list");
  if (any == 0) return found;
  for (const std::string& name : names) {
    std::vector<uint8_t> value(XATTR_SIZE_MAX);
    const ssize_t length = fgetxattr(fd, name.c_str(), value.data(), value.size());
    if (length < 0 && errno == ENODATA) continue;
    if (length < 0) return attribute_failure("fgetxattr", name);
    value.resize(static_cast<size_t>(length));
    found.emplace_back(name, std::move(value));
  }
  return found;
}

bool carries_any(int path, const std::vector<std::string>& names) {
  const std::string way = "/proc/self/fd/" + std::to_string(path);
  return std::ranges::any_of(names,
                             [&](const auto& name) { return getxattr(way.c_str(), name.c_str(), nullptr, 0) >= 0; });
}

void name_inode(int fd, Report& report) {
  struct stat seen{};
  fstat(fd, &seen);
  report.dev = seen.st_dev;
  report.ino = seen.st_ino;
  // It writes an int, whatever its number says.
  uint32_t generation = 0;
  if (ioctl(fd, FS_IOC_GETVERSION, &generation) == 0) report.generation = generation;
}

}  // namespace sluice
