// SPDX-License-Identifier: Apache-2.0
#include "native/file/page_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace sluice {

Result<> drop_from_page_cache(int fd) {
  if (fdatasync(fd) < 0) return system_failure(errno, "fdatasync");
  const int error = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  if (error != 0) return system_failure(error, "posix_fadvise");
  return {};
}

Result<uint64_t> resident_bytes(int fd) {
  struct stat status{};
  if (fstat(fd, &status) < 0) return system_failure(errno, "fstat");
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  // A window at a time: the map of a file of some TiB should not cost its share of address space at once.
  constexpr uint64_t kWindow = uint64_t{1} << 30;
  std::vector<unsigned char> pages;
  uint64_t resident = 0;
  const auto size = static_cast<uint64_t>(status.st_size);
  for (uint64_t begin = 0; begin < size; begin += kWindow) {
    const uint64_t length = std::min(kWindow, size - begin);
    void* window = mmap(nullptr, length, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(begin));
    if (window == MAP_FAILED) return system_failure(errno, "mmap");
    pages.resize((length + page - 1) / page);
    const int result = mincore(window, length, pages.data());
    const int error = errno;
    munmap(window, length);
    if (result < 0) return system_failure(error, "mincore");
    for (size_t i = 0; i < pages.size(); ++i) {
      if (pages[i] & 1) resident += std::min(page, length - i * page);
    }
  }
  return resident;
}

}  // namespace sluice
