// SPDX-License-Identifier: Apache-2.0
#include "native/runtime/pipe.h"

#include <fcntl.h>

#include <atomic>
#include <cerrno>

#include "native/runtime/failure.h"

namespace sluice {
namespace {

// A window that stays in the L2 and L3 caches between the splice and the reduction, and long enough that the two system
// calls around it do not show.
constexpr int kPipeSize = 1 << 20;
// A page, of which every pipe has one: for a process that may not ask.
constexpr int kLeastSize = 4096;

// Calls until no signal comes between, and advances the offset by what was moved.
template <typename Call>
ssize_t moved(uint64_t* offset, Call call) {
  loff_t at = offset ? static_cast<loff_t>(*offset) : 0;
  ssize_t bytes;
  do {
    bytes = call(offset ? &at : nullptr);
  } while (bytes < 0 && errno == EINTR);
  if (bytes < 0) return -errno;
  if (offset) *offset += static_cast<uint64_t>(bytes);
  return bytes;
}

}  // namespace

Pipe::Pipe() {
  static std::atomic<uint64_t> pipes{0};
  id_ = ++pipes;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) throw system_failure(errno, "pipe2");
  read_.reset(ends[0]);
  write_.reset(ends[1]);
  null_.reset(open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!null_) throw system_failure(errno, "open");
  fcntl(read_.get(), F_SETPIPE_SZ, kPipeSize);  // may be refused: what we have then is asked for below
  const int size = fcntl(read_.get(), F_GETPIPE_SZ);
  capacity_ = static_cast<size_t>(size < 0 ? kLeastSize : size);
}

ssize_t Pipe::fill(int fd, uint64_t* offset, size_t length) const {
  return moved(offset, [&](loff_t* at) {
    return splice(fd, at, write_.get(), nullptr, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  });
}

ssize_t Pipe::pour(int fd, uint64_t* offset, size_t length) const {
  return moved(offset, [&](loff_t* at) {
    return splice(read_.get(), nullptr, fd, at, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  });
}

ssize_t Pipe::share(const Pipe& other, size_t length) const {
  return moved(nullptr, [&](loff_t*) { return tee(other.read_.get(), write_.get(), length, SPLICE_F_NONBLOCK); });
}

ssize_t Pipe::put(const uint8_t* memory, size_t length) const {
  return moved(nullptr, [&](loff_t*) { return write(write_.get(), memory, length); });
}

ssize_t Pipe::take(uint8_t* memory, size_t length) const {
  return moved(nullptr, [&](loff_t*) { return read(read_.get(), memory, length); });
}

bool Pipe::refused(ssize_t moved) {
  return moved == -EINVAL || moved == -EOPNOTSUPP || moved == -EPERM || moved == -EACCES || moved == -ENOSYS;
}

int Pipe::drain(size_t length) const {
  while (length > 0) {
    const ssize_t gone = splice(read_.get(), nullptr, null_.get(), nullptr, length, SPLICE_F_NONBLOCK);
    if (gone < 0 && errno == EINTR) continue;
    if (gone <= 0) return gone < 0 ? -errno : -EPIPE;
    length -= static_cast<size_t>(gone);
  }
  return 0;
}

}  // namespace sluice
