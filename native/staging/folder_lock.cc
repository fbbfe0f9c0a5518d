// SPDX-License-Identifier: Apache-2.0
#include "native/staging/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

namespace sluice {
namespace {

using std::chrono::microseconds;

// Those who keep to the rules hold a folder's lock for a few system calls, so the first pauses are short, and three
// seconds are long.
constexpr microseconds kFirstPause(50);
constexpr microseconds kLongestPause(5'000);
constexpr std::chrono::seconds kPatience(3);

}  // namespace

int lock_folder(int folder, Share share) {
  const int operation = (share == Share::alone ? LOCK_EX : LOCK_SH) | LOCK_NB;
  const auto end = std::chrono::steady_clock::now() + kPatience;
  microseconds pause = kFirstPause;
  while (flock(folder, operation) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return errno;
    if (std::chrono::steady_clock::now() >= end) return EWOULDBLOCK;
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
  return 0;
}

Failure lock_failure(int error) {
  switch (error) {
    case EWOULDBLOCK:
      return {"busy", error, "flock"};
    // NFS wants a descriptor that is open for writing, which a folder's can't be.
    case EBADF:
    case EINVAL:
    case ENOLCK:
    case ENOSYS:
    case EOPNOTSUPP:
      return {"noCondition", error, "flock"};
    default:
      return system_failure(error, "flock");
  }
}

Failure FolderLock::take(int folder, Share share) {
  folder_.reset(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_) return share == Share::many && errno == EACCES ? Failure{} : system_failure(errno, "open");
  const int error = lock_folder(folder_.get(), share);
  return error == 0 || share == Share::many ? Failure{} : lock_failure(error);
}

}  // namespace sluice
