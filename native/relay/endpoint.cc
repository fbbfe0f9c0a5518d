// SPDX-License-Identifier: Apache-2.0
#include "native/relay/endpoint.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>

namespace sluice {

Failure Endpoint::open(UniqueFd given, Role role, uint64_t offset) {
  const char* name = role == Role::source ? "source" : "sink";
  struct stat status{};
  const int flags = fcntl(given.get(), F_GETFL);
  if (flags < 0 || fstat(given.get(), &status) < 0) return {"badDescriptor", errno, name};
  const int refused = role == Role::source ? O_WRONLY : O_RDONLY;
  if ((flags & O_PATH) || (flags & O_ACCMODE) == refused) {
    return {role == Role::source ? "notReadable" : "notWritable", EBADF, name};
  }
  if (S_ISDIR(status.st_mode)) return {"isDirectory", EISDIR, name};
  is_file_ = S_ISREG(status.st_mode) || S_ISBLK(status.st_mode);
  appends_ = role == Role::sink && is_file_ && (flags & O_APPEND);
  if (offset != 0 && (!is_file_ || appends_)) return {"noOffset", ESPIPE, name};
  if (!is_file_ && !(flags & O_NONBLOCK)) blocks_ = fcntl(given.get(), F_SETFL, flags | O_NONBLOCK) == 0;
  fd_ = std::move(given);
  role_ = role;
  offset_ = offset;
  return {};
}

void Endpoint::close() {
  if (fd_ && blocks_) fcntl(fd_.get(), F_SETFL, fcntl(fd_.get(), F_GETFL) & ~O_NONBLOCK);
  blocks_ = false;
  fd_.reset();
}

ssize_t Endpoint::read(uint8_t* to, size_t length) {
  ssize_t got;
  do {
    got = is_file_ ? pread(fd(), to, length, static_cast<off_t>(offset_)) : ::read(fd(), to, length);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return -errno;
  offset_ += static_cast<uint64_t>(got);
  return got;
}

ssize_t Endpoint::splice(const Pipe& to, size_t length) {
  const ssize_t got = to.fill(fd(), is_file_ ? &offset_ : nullptr, length);
  if (is_file_ || (got != 0 && got != -EAGAIN) || sockatmark(fd()) != 1) return got;
  // TCP's splice stops before an urgent byte and never goes past it, whatever lies behind; read does, and leaves the
  // urgent byte out, or gives it where the socket has SO_OOBINLINE. One byte is enough to get past.
  uint8_t next;
  const ssize_t read_on = read(&next, 1);
  return read_on > 0 ? to.put(&next, 1) : read_on;
}

ssize_t Endpoint::write(const uint8_t* from, size_t length) {
  ssize_t put;
  do {
    put = is_file_ ? pwrite(fd(), from, length, static_cast<off_t>(offset_)) : ::write(fd(), from, length);
  } while (put < 0 && errno == EINTR);
  if (put < 0) return -errno;
  offset_ += static_cast<uint64_t>(put);
  return put;
}

Failure Endpoint::failure(int error) const {
  const char* name = role_ == Role::source ? "source" : "sink";
  switch (error) {
    case EPIPE:
    case ECONNRESET:
    case ECONNABORTED:
    case ENOTCONN:
    case ETIMEDOUT:
    case EHOSTUNREACH:
    case ENETUNREACH:
      return {"disconnected", error, name};
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return {"noSpace", error, name};
    default:
      return {"io", error, name};
  }
}

}  // namespace sluice
