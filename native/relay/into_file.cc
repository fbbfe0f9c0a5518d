// SPDX-License-Identifier: Apache-2.0
#include "native/relay/into_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "native/file/file_system.h"

namespace sluice {
namespace {

// Stored bytes are measured when there are so many of them: they are in the second cache still, beside what came in.
constexpr size_t kWindow = 256 << 10;
// What is copied stays in the second cache until it is summed.
constexpr size_t kBuffer = 256 << 10;
// A step moves no more than a pipe holds.
constexpr uint64_t kStep = 1 << 20;
// Little enough that an announced length alone takes no room from others.
constexpr uint64_t kReserve = 16 << 20;

// Blocks that were set aside many at once cost ext4 a third less than those it has to look up and promise one by one as
// the file grows. A file without a name takes what was not needed along when it is given up.
bool worth_reserving(int fd) {
  struct stat stat{};
  return fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_nlink == 0 && allocates_by_block(fd);
}

Failure became_shorter() { return {.kind = FailureKind::changed, .detail = "it became shorter"}; }

}  // namespace

Result<> IntoFile::open() {
  measured_ = reserved_ = stored();
  const int fd = transfer_.sink.fd();
  if (transfer_.sink.appends()) {
    // splice refuses such a file, and where its bytes will be nobody knows beforehand.
    copies_ = true;
    return transfer_.sums.only_memory("the sink is open for appending");
  }
  reserves_ = transfer_.left != UINT64_MAX && transfer_.left > kStep && worth_reserving(fd);
  if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR) {
    readable_ = fd;
    return {};
  }
  reopened_.reset(::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (reopened_) {
    readable_ = reopened_.get();
    return {};
  }
  copies_ = true;
  return transfer_.sums.only_memory("the sink may not be read back");
}

Result<Route::Turn> IntoFile::step(Worker& worker) {
  if (cut_off()) return became_shorter();
  const Result<ssize_t> got = transfer_.left > 0 ? take(worker) : 0;
  if (!got) return got.failure();
  const Turn turn = *got > 0 ? Turn::moved : *got == 0 ? Turn::ended : Turn::source_empty;
  if (turn != Turn::moved || stored() - measured_ >= kWindow) {
    if (const Result<> measured = measure(worker); !measured) return measured.failure();
  }
  return turn;
}

Result<ssize_t> IntoFile::take(Worker& worker) {
  reserve();
  return copies_ ? copy(worker) : splice(worker);
}

void IntoFile::reserve() {
  if (!reserves_ || stored() + std::min(kStep, transfer_.left) <= reserved_) return;
  const uint64_t from = std::max(reserved_, stored());
  const uint64_t length = std::min(kReserve, stored() + transfer_.left - from);
  // Where there is no room, the write will say so.
  reserves_ =
      fallocate(transfer_.sink.fd(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from), static_cast<off_t>(length)) == 0;
  reserved_ = from + length;
}

bool IntoFile::cut_off() const {
  struct stat now{};
  return transfer_.moved > 0 && fstat(transfer_.sink.fd(), &now) == 0 && S_ISREG(now.st_mode) &&
         static_cast<uint64_t>(now.st_size) < stored();
}

Result<ssize_t> IntoFile::splice(Worker& worker) {
  Endpoint& sink = transfer_.sink;
  Endpoint& source = transfer_.source;
  const Pipe* pipe = worker.pipe();
  const ssize_t got = pipe ? source.splice(*pipe, std::min<uint64_t>(pipe->capacity(), transfer_.left)) : 0;
  if (!pipe || Pipe::refused(got)) {
    copies_ = true;
    if (const Result<> measured = measure(worker); !measured) return measured.failure();
    return copy(worker);
  }
  if (got < 0 && got != -EAGAIN) return source.failure(static_cast<int>(-got));
  if (got <= 0) return got;
  transfer_.taken(static_cast<size_t>(got));
  for (size_t rest = got; rest > 0;) {
    const ssize_t put = sink.pour(*pipe, rest);
    if (Pipe::refused(put)) {
      if (const Result<> copied = copy_rest(worker, *pipe, rest); !copied) return copied.failure();
      break;
    }
    if (put <= 0) {
      worker.drop_pipe();
      return sink.failure(put < 0 ? static_cast<int>(-put) : EIO);
    }
    rest -= static_cast<size_t>(put);
    transfer_.moved += static_cast<uint64_t>(put);
  }
  return got;
}

Result<> IntoFile::copy_rest(Worker& worker, const Pipe& pipe, size_t rest) {
  copies_ = true;
  std::vector<uint8_t> bytes(rest);
  for (size_t at = 0; at < rest;) {
    const ssize_t got = pipe.take(bytes.data() + at, rest - at);
    if (got <= 0) {
      worker.drop_pipe();
      return transfer_.source.failure(got < 0 ? static_cast<int>(-got) : EIO);
    }
    at += static_cast<size_t>(got);
  }
  if (Result<> measured = measure(worker); !measured) return measured;
  return store(bytes.data(), rest);
}

Result<ssize_t> IntoFile::copy(Worker& worker) {
  uint8_t* buffer = worker.buffer();
  const ssize_t got = transfer_.source.read(buffer, std::min<uint64_t>(kBuffer, transfer_.left));
  if (got < 0 && got != -EAGAIN) return transfer_.source.failure(static_cast<int>(-got));
  if (got <= 0) return got;
  transfer_.taken(static_cast<size_t>(got));
  if (const Result<> put = store(buffer, static_cast<size_t>(got)); !put) return put.failure();
  return got;
}

Result<> IntoFile::store(const uint8_t* data, size_t length) {
  Reducer& sums = transfer_.sums;
  // Nobody else can change our buffer, so its sum is that of what is stored; in the kernel that is read back.
  const bool in_memory = sums.takes_memory();
  for (size_t at = 0; at < length;) {
    const ssize_t put = transfer_.sink.write(data + at, length - at);
    if (put < 0) return transfer_.sink.failure(static_cast<int>(-put));
    at += static_cast<size_t>(put);
    transfer_.moved += static_cast<uint64_t>(put);
  }
  if (in_memory) {
    sums.memory(data, length);
    measured_ = stored();
  }
  return {};
}

Result<> IntoFile::measure(Worker& worker) {
  const uint64_t from = std::exchange(measured_, stored());
  if (from == measured_ || transfer_.sums.idle()) return {};
  Range stored{.fd = readable_, .offset = from, .end = measured_};
  if (Result<> reduced = transfer_.sums.range(worker, stored); !reduced) return reduced;
  if (stored.offset < stored.end) return became_shorter();
  return {};
}

}  // namespace sluice
