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

Result<> lock_folder(int folder, Share share) {
  const int operation = (share == Share::alone ? LOCK_EX : LOCK_SH) | LOCK_NB;
  const auto end = std::chrono::steady_clock::now() + kPatience;
  microseconds pause = kFirstPause;
  while (flock(folder, operation) != 0) {
    const int error = errno == EINTR ? EWOULDBLOCK : errno;
    if (error != EWOULDBLOCK) return system_failure(error, "flock", Subject::lock);
    if (std::chrono::steady_clock::now() >= end) return Failure{FailureKind::busy, error, "flock"};
    std::this_thread::sleep_for(pause);
    pause *= 2;
  }
  return {};
}

Result<> FolderLock::take(int folder, Share share, bool last_try) {
  folder_.reset(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_ && share == Share::many && errno == EACCES) return {};
  if (!folder_) return system_failure(errno, "open", Subject::place);
  Result<> locked = lock_folder(folder_.get(), share);
  const bool go_on = share == Share::many && !locked && (locked.failure().kind != FailureKind::busy || last_try);
  return go_on ? Result<>() : locked;
}

}  // namespace sluice
