// SPDX-License-Identifier: Apache-2.0
#include "native/file/source_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>

#include "native/file/direct_io.h"
#include "native/file/file_system.h"
#include "native/system/refused_call.h"

namespace sluice {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// Of the coarse clock, where it does not tell: at 100 Hz, the slowest there is.
constexpr timespec kSlowestTick{.tv_sec = 0, .tv_nsec = 10'000'000};

int64_t nanoseconds(const timespec& time) { return time.tv_sec * kSecond + time.tv_nsec; }
int64_t nanoseconds(const statx_timestamp& time) { return time.tv_sec * kSecond + time.tv_nsec; }

Result<> expect_file(mode_t mode) {
  if (S_ISREG(mode)) return {};
  if (S_ISDIR(mode)) return Failure{FailureKind::is_directory, EISDIR};
  return Failure{.kind = FailureKind::not_a_file,
                 .detail = S_ISFIFO(mode)   ? "a FIFO"
                           : S_ISSOCK(mode) ? "a socket"
                                            : "a device"};
}

Result<> expect_file(int fd) {
  struct stat seen{};
  if (fstat(fd, &seen) < 0) return system_failure(errno, "fstat");
  return expect_file(seen.st_mode);
}

Failure changed(const char* how) { return {.kind = FailureKind::changed, .detail = how}; }

}  // namespace

// fstat would do on a file system of this machine; one on the network may answer it from what it knew a minute ago (NFS
// for acregmax seconds), and is to ask its server.
Result<Stamps> stamps_of(int fd) {
  struct statx told{};
  if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &told) == 0)
    return Stamps{told.stx_size, nanoseconds(told.stx_mtime), nanoseconds(told.stx_ctime)};
  // Older container runtimes refuse the whole call, and glibc then knows no other way to ask the server.
  if (refusal_of("statx") == 0) return system_failure(errno, "statx");
  struct stat status{};
  if (fstat(fd, &status) < 0) return system_failure(errno, "fstat");
  return Stamps{static_cast<uint64_t>(status.st_size), nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

// A write in the same tick of the coarse clock as the last one would leave the same ctime. Once that tick is over, it
// can't.
uint64_t until_settled(const Stamps& stamps) {
  timespec tick{}, now{};
  if (clock_getres(CLOCK_REALTIME_COARSE, &tick) < 0) tick = kSlowestTick;
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  // FAT, and ext4 with small inodes, keep whole seconds, or two.
  const int64_t grain = stamps.ctime_ns % kSecond == 0 ? 2 * kSecond : 0;
  const int64_t margin = grain + 2 * nanoseconds(tick);
  const int64_t age = nanoseconds(now) - stamps.ctime_ns;
  // It is ahead of that clock, by less than a tick, where another file system has just given a fine one: no later stamp
  // of any lies before that. Another machine's clock (a network file system) is not ours to wait for.
  return age > -margin && age < margin ? static_cast<uint64_t>(margin - age) : 0;
}

Result<SourceFile> SourceFile::open(const std::string& path, UniqueFd given, bool bypass_cache) {
  SourceFile file;
  const Result<bool> writable = given ? file.open_given(std::move(given)) : file.open_path(path);
  if (!writable) return writable.failure();
  if (const Result<> guarded = file.guard(*writable); !guarded) return guarded.failure();
  if (bypass_cache) file.bypass();
  return file;
}

Result<SourceFile> SourceFile::adopt(UniqueFd own) {
  SourceFile file;
  file.fd_ = std::move(own);
  if (const Result<> guarded = file.guard(false); !guarded) return guarded.failure();
  return file;
}

UniqueFd SourceFile::let_go() {
  if (leased_) fcntl(fd_.get(), F_SETLEASE, F_UNLCK);
  leased_ = false;
  return std::move(fd_);
}

Result<> SourceFile::guard(bool writable) {
  // Another file may have taken the name since it was looked at.
  if (const Result<> regular = expect_file(fd()); !regular) return regular.failure();
  if (const Result<> leased = take_lease(writable); !leased) return leased.failure();
  // Whatever was written before the lease was granted is over now; what the stamps say from here on counts.
  const Result<Stamps> before = stamps_of(fd());
  if (!before) return before.failure();
  before_ = *before;
  return writers_ == Writers::none ? Result<>() : settle();
}

Result<bool> SourceFile::open_path(const std::string& path) {
  // Looked at before it is opened: opening a device or a FIFO can do something to it.
  struct stat seen{};
  if (stat(path.c_str(), &seen) < 0) return system_failure(errno, "stat");
  if (const Result<> regular = expect_file(seen.st_mode); !regular) return regular.failure();
  fd_.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  // Another's write lease, which we would have to wait for.
  if (!fd_ && errno == EWOULDBLOCK) return Failure{FailureKind::writer};
  if (!fd_) return system_failure(errno, "open");
  return false;
}

Result<bool> SourceFile::open_given(UniqueFd given) {
  if (const Result<> regular = expect_file(given.get()); !regular) return regular.failure();
  const int flags = fcntl(given.get(), F_GETFL);
  if (flags < 0) return system_failure(errno, "F_GETFL");
  if ((flags & O_PATH) || (flags & O_ACCMODE) == O_WRONLY) return Failure{FailureKind::not_readable, EBADF};
  const std::string self = "/proc/self/fd/" + std::to_string(given.get());
  fd_.reset(::open(self.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  // A descriptor may allow what the file's mode does not: then it serves itself, without a lease.
  if (!fd_) {
    fd_ = std::move(given);
    own_ = false;
  }
  return (flags & O_ACCMODE) == O_RDWR;
}

Result<> SourceFile::take_lease(bool writable) {
  writers_ = writable ? Writers::self : Writers::unknown;
  if (!own_) return {};
  // The break is announced by a signal to the owner: this thread, which blocks it. Node's own threads never see it.
  const f_owner_ex owner{.type = F_OWNER_TID, .pid = static_cast<pid_t>(syscall(SYS_gettid))};
  if (fcntl(fd_.get(), F_SETOWN_EX, &owner) < 0) return {};
  if (fcntl(fd_.get(), F_SETLEASE, F_RDLCK) == 0) {
    // A lease that can't be asked for tells nothing.
    if (fcntl(fd_.get(), F_GETLEASE) < 0) {
      fcntl(fd_.get(), F_SETLEASE, F_UNLCK);
      return {};
    }
    leased_ = true;
    if (!writable && lease_excludes_writers(fd_.get())) writers_ = Writers::none;
    return {};
  }
  if (errno == EAGAIN && !writable) return Failure{FailureKind::writer};
  return {};
}

// Makes time stamps tell: any write from here on moves them.
Result<> SourceFile::settle() const {
  // The clock decides when it is over: a sleep may be cut short, or refused.
  while (const uint64_t left = until_settled(before_)) {
    const timespec wait{.tv_sec = 0, .tv_nsec = std::min(static_cast<int64_t>(left), kSecond - 1)};
    nanosleep(&wait, nullptr);
  }
  // A write moves the stamps first and copies its bytes then. One that had moved them before we looked is over once the
  // inode's lock, which it holds, was ours for a moment: looking for data takes it (ext4, tmpfs, btrfs; on xfs each
  // read does).
  if (own_) lseek(fd_.get(), 0, SEEK_DATA);
  return unchanged();
}

void SourceFile::bypass() {
  cache_ = Cache::fell_back;
  if (!own_) return;
  struct statx info{};
  if (statx(fd_.get(), "", AT_EMPTY_PATH, STATX_DIOALIGN, &info) < 0) return;
  uint32_t alignment = 4096;  // what every file system accepts, where the kernel (< 6.1) does not say
  if (info.stx_mask & STATX_DIOALIGN) {
    if (info.stx_dio_offset_align == 0) return;
    alignment = std::max({alignment, info.stx_dio_offset_align, info.stx_dio_mem_align});
  }
  const int flags = fcntl(fd_.get(), F_GETFL);
  if (flags < 0 || fcntl(fd_.get(), F_SETFL, flags | O_DIRECT) < 0) return;
  cache_ = Cache::bypassed;
  alignment_ = alignment;
}

bool SourceFile::lease_broken() const { return leased_ && fcntl(fd_.get(), F_GETLEASE) != F_RDLCK; }

Result<> SourceFile::unchanged() const {
  const Result<Stamps> after = unwritten();
  if (!after) return after.failure();
  // chmod, rename and setxattr move ctime too. They leave the bytes alone, but so does a write that puts mtime back.
  if (after->ctime_ns != before_.ctime_ns) return changed("its inode was changed");
  return {};
}

Result<Stamps> SourceFile::unwritten() const {
  if (lease_broken()) return changed("a writer opened it");
  const Result<Stamps> after = stamps_of(fd());
  if (!after) return after.failure();
  if (after->size != before_.size) return changed("its size changed");
  if (after->mtime_ns != before_.mtime_ns) return changed("it was written to");
  return after;
}

Failure SourceFile::unreadable(int error, uint8_t* buffer, size_t length, uint64_t offset) const {
  const Failure failure = system_failure(error, "read");
  if (cache_ != Cache::bypassed || !may_be_collision(error)) return failure;
  // Nobody has written to it, or it can't be read through the cache either: it is the device.
  const Result<> same = unchanged();
  if (same || same.failure().kind != FailureKind::changed) return failure;
  return readable_through_cache(fd(), buffer, length, offset) ? same.failure() : failure;
}

}  // namespace sluice
