// SPDX-License-Identifier: Apache-2.0
#include "native/relay/endpoint.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <vector>

#include "native/file/direct_io.h"
#include "native/file/file_system.h"

namespace sluice {
namespace {

// No window of a relay is larger.
constexpr size_t kWindow = 1 << 20;

// Flags belong to the open file description, which kcmp tells apart. Where a container refuses it, one flag is changed
// for a moment: of streams, to which appending is all the same.
bool same_description(int a, int b) {
  const pid_t self = getpid();
  const long order = syscall(SYS_kcmp, self, self, KCMP_FILE, a, b);
  if (order >= 0) return order == 0;
  const int before = fcntl(a, F_GETFL);
  const int other = fcntl(b, F_GETFL);
  if (before < 0 || other < 0 || fcntl(a, F_SETFL, before ^ O_APPEND) < 0) return false;
  const bool same = ((fcntl(b, F_GETFL) ^ other) & O_APPEND) != 0;
  fcntl(a, F_SETFL, before);
  return same;
}

// The streams that block and were made not to, of all relays under way. Two may have the same one, for the two
// directions of a socket: the last of them makes it block again.
class Unblocked {
 public:
  static Unblocked& instance() {
    static auto* all = new Unblocked;  // never destroyed: the pool's threads may outlive static destructors
    return *all;
  }

  // False: it does not block.
  bool add(int fd) {
    std::lock_guard lock(mutex_);
    const int flags = fcntl(fd, F_GETFL);
    if ((flags & O_NONBLOCK) && !is_shared(fd)) return false;
    if (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return false;
    fds_.push_back(fd);
    return true;
  }

  void remove(int fd) {
    std::lock_guard lock(mutex_);
    std::erase(fds_, fd);
    if (!is_shared(fd)) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  }

 private:
  bool is_shared(int fd) const {
    return std::ranges::any_of(fds_, [fd](int other) { return same_description(fd, other); });
  }

  std::mutex mutex_;
  std::vector<int> fds_;
};

Subject subject_of(Endpoint::Role role) { return role == Endpoint::Role::source ? Subject::source : Subject::sink; }

}  // namespace

Result<> Endpoint::open(UniqueFd given, Role role, uint64_t offset) {
  const Subject end = subject_of(role);
  struct stat status{};
  const int flags = fcntl(given.get(), F_GETFL);
  if (flags < 0 || fstat(given.get(), &status) < 0)
    return Failure{.kind = FailureKind::bad_descriptor, .error = errno, .subject = end};
  direct_ = (flags & O_DIRECT) != 0;
  opened_ = status;
  const bool reads = role == Role::source;
  if ((flags & O_PATH) || (flags & O_ACCMODE) == (reads ? O_WRONLY : O_RDONLY))
    return Failure{
        .kind = reads ? FailureKind::not_readable : FailureKind::not_writable, .error = EBADF, .subject = end};
  if (S_ISDIR(status.st_mode)) return Failure{.kind = FailureKind::is_directory, .error = EISDIR, .subject = end};
  is_file_ = S_ISREG(status.st_mode) || S_ISBLK(status.st_mode);
  appends_ = role == Role::sink && is_file_ && (flags & O_APPEND);
  if (offset != 0 && (!is_file_ || appends_))
    return Failure{.kind = FailureKind::no_offset, .error = ESPIPE, .subject = end};
  // A file of /proc may wait for what is to come, as kmsg does (where no other reader takes what this one has seen:
  // then the kernel waits all the same).
  const bool waits = !is_file_ || (role == Role::source && is_generated(given.get()));
  if (waits) blocks_ = Unblocked::instance().add(given.get());
  fd_ = std::move(given);
  role_ = role;
  offset_ = begin_ = offset;
  return {};
}

void Endpoint::close() {
  if (fd_ && blocks_) Unblocked::instance().remove(fd_.get());
  blocks_ = false;
  fd_.reset();
}

ssize_t Endpoint::read(uint8_t* to, size_t length) {
  const ssize_t got = past_collisions(direct_, [&] {
    return or_errno(is_file_ ? pread(fd(), to, length, static_cast<off_t>(offset_)) : ::read(fd(), to, length));
  });
  if (got < 0) return got;
  offset_ += static_cast<uint64_t>(got);
  return got;
}

ssize_t Endpoint::splice(const Pipe& to, size_t length) {
  const ssize_t got = past_collisions(direct_, [&] { return to.fill(fd(), position(), length); });
  if (is_file_ || (got != 0 && got != -EAGAIN) || sockatmark(fd()) != 1) return got;
  // TCP's splice stops before an urgent byte and never goes past it, whatever lies behind; read does, and leaves the
  // urgent byte out, or gives it where the socket has SO_OOBINLINE. One byte is enough to get past.
  uint8_t next;
  const ssize_t read_on = read(&next, 1);
  return read_on > 0 ? to.put(&next, 1) : read_on;
}

ssize_t Endpoint::write(const uint8_t* from, size_t length) {
  const ssize_t put = past_collisions(direct_, [&] {
    return or_errno(is_file_ ? pwrite(fd(), from, length, static_cast<off_t>(offset_)) : ::write(fd(), from, length));
  });
  if (put < 0) return put;
  offset_ += static_cast<uint64_t>(put);
  return put;
}

ssize_t Endpoint::pour(const Pipe& from, size_t length) {
  return past_collisions(direct_, [&] { return from.pour(fd(), position(), length); });
}

// Our own writes move a sink's stamps, so of a sink nobody can tell.
bool Endpoint::collided(int error) const {
  // Cut off and grown again, it goes on where no block begins.
  const bool cut = error == EINVAL && offset_ != begin_;
  struct stat now{};
  if (!direct_ || role_ != Role::source || !(may_be_collision(error) || cut) || fstat(fd(), &now) != 0) return false;
  const auto differs = [](const timespec& a, const timespec& b) {
    return a.tv_sec != b.tv_sec || a.tv_nsec != b.tv_nsec;
  };
  if (!differs(now.st_mtim, opened_.st_mtim) && !differs(now.st_ctim, opened_.st_ctim)) return false;
  std::vector<uint8_t> bytes(kWindow);
  return readable_through_cache(fd(), bytes.data(), bytes.size(), offset_);
}

Failure Endpoint::failure(int error) const {
  const Subject end = subject_of(role_);
  if (collided(error)) return {.kind = FailureKind::collided, .error = error, .subject = end};
  if (direct_ && error == EINVAL) return {.kind = FailureKind::not_aligned, .error = error, .subject = end};
  return system_failure(error, "", end);
}

}  // namespace sluice
