// SPDX-License-Identifier: Apache-2.0
#include "native/observe/follower.h"

#include <fcntl.h>

#include "native/engine/userspace.h"

namespace sluice {
namespace {

// Files that are open because they are being written. Any number may be, and is closed and opened again beyond it.
constexpr size_t kMostOpen = 256;
constexpr size_t kMostFollowed = 1 << 16;

}  // namespace

void Follower::take(const ObserveNote& note) {
  if (files_.size() >= kMostFollowed) {
    files_.clear();
    open_ = 0;
  }
  Followed& file = files_[note.number];
  if (file.lost || note.order != file.ranges++) {
    file.lost = true;
    return;
  }
  if (!file.fd) {
    if (open_ >= kMostOpen) close_all();
    // The writer's lease, if he has one, is not to be broken, nor his FIFO to be opened: regular files alone are noted.
    if (const auto id = tree_.id_of(note.file))
      file.fd = tree_.open(*id, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
    if (file.fd) ++open_;
  }
  file.lost = !file.fd || !sum(file.fd.get(), note.run.start, note.run.end, file.extents);
}

std::optional<Values> Follower::values(int fd, const ObserveView& view) {
  if (view.found != SLUICE_FOUND_ENTRY || view.why != 0) return std::nullopt;
  Extents extents;
  if (const auto found = files_.find(view.number); found != files_.end()) {
    Followed& file = found->second;
    if (file.fd) --open_;
    file.fd.reset();
    if (file.lost || file.ranges != view.notes) return std::nullopt;
    extents = file.extents;
  } else if (view.notes != 0) {
    return std::nullopt;
  }
  for (const sluice_observe_run& run : view.runs) {
    if (run.start < run.end && !sum(fd, run.noted_or_sum, run.end, extents)) return std::nullopt;
  }
  return extents.tile(view.size);
}

void Follower::forget(uint64_t number) {
  const auto gone = files_.extract(number);
  if (gone && gone.mapped().fd) --open_;
}

bool Follower::sum(int fd, uint64_t start, uint64_t end, Extents& to) {
  if (start == end) return true;
  Sums sums;
  sums.algorithms = algorithms_;
  Range range{.fd = fd, .offset = start, .end = end};
  const Result<> reduced = caught([&] { return userspace::reduce_range(worker_, range, sums).done; });
  counts_.bytes_followed.fetch_add(sums.bytes, std::memory_order_relaxed);
  if (!reduced || range.offset != end) return false;
  to.add(start, end, sums.values);
  return true;
}

void Follower::close_all() {
  for (auto& [number, file] : files_) file.fd.reset();
  open_ = 0;
}

}  // namespace sluice
