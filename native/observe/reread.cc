// SPDX-License-Identifier: Apache-2.0
#include "native/observe/reread.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "native/engine/userspace.h"
#include "native/reduce/zeros.h"

namespace sluice {
namespace {

// A smaller file is read, holes and all, sooner than it is asked about them.
constexpr uint64_t kSmall = 64 << 10;

}  // namespace

Result<bool> Reread::step(Worker& worker) {
  const uint64_t size = file_.stamps().size;
  if (file_.lease_broken()) return Failure{FailureKind::writer};
  if (offset_ < size && offset_ == data_end_) {
    if (const Result<> found = find_data(); !found) return found.failure();
  }
  if (offset_ < data_end_) {
    Range range{
        .fd = file_.fd(), .offset = offset_, .end = std::min<uint64_t>(data_end_, offset_ + Worker::kBufferSize)};
    const uint64_t end = range.end;
    if (const Attempt read = userspace::reduce_range(worker, range, sums_); !read.done) return read.done.failure();
    offset_ = range.offset;
    if (offset_ < end) return Failure{FailureKind::changed};
  }
  if (offset_ < size) return false;
  // Where nobody can have written, a new name, which moves ctime, is no change.
  if (file_.writers() == Writers::none) {
    if (const Result<Stamps> same = file_.unwritten(); !same) return same.failure();
  } else if (const Result<> same = file_.unchanged(); !same) {
    return same.failure();
  }
  return true;
}

Result<> Reread::find_data() {
  const uint64_t size = file_.stamps().size;
  data_end_ = size;
  if (size < kSmall) return {};
  off_t data = lseek(file_.fd(), static_cast<off_t>(offset_), SEEK_DATA);
  if (data < 0 && errno != ENXIO) return system_failure(errno, "lseek");
  if (data < 0) data = static_cast<off_t>(size);  // nothing but a hole is left
  const uint64_t begin = std::min<uint64_t>(static_cast<uint64_t>(data), size);
  for (const Reduction& each : reductions()) {
    const auto index = static_cast<size_t>(each.algorithm);
    if (!(sums_.algorithms & (1u << index)) || begin == offset_) continue;
    const uint64_t hole = begin - offset_;
    sums_.values[index] = each.combine(sums_.values[index], value_of_zeros(each, hole), hole);
  }
  offset_ = begin;
  const off_t end = lseek(file_.fd(), data, SEEK_HOLE);
  if (end > data) data_end_ = std::min<uint64_t>(static_cast<uint64_t>(end), size);
  return {};
}

}  // namespace sluice
