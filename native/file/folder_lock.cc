// SPDX-License-Identifier: Apache-2.0
#include "native/file/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace sluice {
namespace {

using std::chrono::microseconds;

// Those who keep to the rules hold a folder's lock for a few system calls. To sleep longer would take the thread from
// work in other folders.
constexpr microseconds kFirstPause(50);
constexpr microseconds kPatience(2'000);

}  // namespace

int lock_folder(int folder, Share share) {
  const int operation = (share == Share::alone ? LOCK_EX : LOCK_SH) | LOCK_NB;
  const auto end = std::chrono::steady_clock::now() + kPatience;
  microseconds pause = kFirstPause;
  while (flock(folder, operation) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return errno;
    if (std::chrono::steady_clock::now() >= end) return EWOULDBLOCK;
    std::this_thread::sleep_for(pause);
    pause *= 2;
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

Failure FolderLock::take(int folder, Share share, bool last_try) {
  folder_.reset(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_) return share == Share::many && errno == EACCES ? Failure{} : system_failure(errno, "open");
  const int error = lock_folder(folder_.get(), share);
  const bool go_on = share == Share::many && (error != EWOULDBLOCK || last_try);
  return error == 0 || go_on ? Failure{} : lock_failure(error);
}

}  // namespace sluice
