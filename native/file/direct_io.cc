// SPDX-License-Identifier: Apache-2.0
#include "native/file/direct_io.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "native/runtime/unique_fd.h"

namespace sluice {

bool readable_through_cache(int fd, uint8_t* buffer, size_t length, uint64_t offset) {
  // A description of its own: others may read by this one.
  const std::string self = "/proc/self/fd/" + std::to_string(fd);
  const UniqueFd cached(open(self.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  return cached && pread(cached.get(), buffer, length, static_cast<off_t>(offset)) >= 0;
}

}  // namespace sluice
