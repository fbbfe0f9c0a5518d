// SPDX-License-Identifier: Apache-2.0
#include "native/observe/handle.h"

#include <fcntl.h>

#include <cerrno>

namespace sluice {

FileHandle::FileHandle(const file_handle& from)
    : bytes_(reinterpret_cast<const char*>(&from), sizeof(file_handle) + from.handle_bytes) {}

Result<FileHandle> FileHandle::of(int fd) {
  alignas(file_handle) char space[sizeof(file_handle) + MAX_HANDLE_SZ]{};
  auto* handle = reinterpret_cast<file_handle*>(space);
  handle->handle_bytes = MAX_HANDLE_SZ;
  int mount;
  if (name_to_handle_at(fd, "", handle, &mount, AT_EMPTY_PATH) != 0) return system_failure(errno, "name_to_handle_at");
  return FileHandle(*handle);
}

UniqueFd FileHandle::open(int mount, int flags) const {
  std::string copy = bytes_;
  return UniqueFd(open_by_handle_at(mount, reinterpret_cast<file_handle*>(copy.data()), flags | O_CLOEXEC));
}

}  // namespace sluice
