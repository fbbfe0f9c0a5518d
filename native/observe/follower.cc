// SPDX-License-Identifier: Apache-2.0
#include "native/observe/follower.h"

#include <fcntl.h>

#include <algorithm>
#include <bit>

#include "bpf/reduce/state.h"
#include "native/engine/userspace.h"

namespace sluice {
namespace {

// What is read at once, in bytes: it and the pages that it comes from lie in the second cache together.
constexpr uint64_t kPiece = 256 << 10;
constexpr size_t kMostFollowed = 1 << 16;
// Stretches of all files; each takes some 100 bytes. A file in few of them is sure of its own.
constexpr size_t kMostStretches = 1 << 18;
constexpr size_t kFewStretches = kMostStretches / kMostFollowed;

}  // namespace

void Follower::take(const ObserveNote& note) {
  Followed& file = file_of(note);
  const size_t before = file.extents.count();
  if (note.order != file.notes++ || file.lost || !add(note, file.extents)) file.lose();
  stretches_ += file.extents.count() - before;
  bound(note.number, file);
}

bool Follower::add(const ObserveNote& note, Extents& to) {
  if (note.kind == SLUICE_NOTE_RUN) return add_summed(note.run, to);
  return open(note) && sum(open_.get(), note.run.start, note.run.end, to);
}

void Follower::bound(uint64_t number, const Followed& file) {
  if (file.extents.count() > kFewStretches) {
    scattered_.insert(number);
  } else {
    scattered_.erase(number);
  }
  while (stretches_ > kMostStretches && !scattered_.empty()) {
    Followed& oldest = files_.at(*scattered_.begin());
    stretches_ -= oldest.extents.count();
    oldest.lose();
    scattered_.erase(scattered_.begin());
  }
}

Noted Follower::values(int fd, const ObserveView& view) {
  if (view.found != SLUICE_FOUND_ENTRY) return Noted::nothing(SLUICE_REREAD_UNSEEN);
  if (view.why != 0) return Noted::nothing(std::countr_zero(view.why));
  Extents extents;
  if (const auto found = files_.find(view.number); found != files_.end()) {
    const Followed& file = found->second;
    if (file.lost || file.notes != view.notes) return Noted::nothing(SLUICE_REREAD_UNFOLLOWED);
    extents = file.extents;
  } else if (view.notes != 0) {
    return Noted::nothing(SLUICE_REREAD_UNFOLLOWED);
  }
  for (uint32_t i = 0; i < SLUICE_OBSERVE_RUNS; ++i) {
    const sluice_observe_run& run = view.runs[i];
    if (run.start == run.end) continue;
    const bool summed = view.summed & 1u << i;
    if (!(summed ? add_summed(run, extents) : sum(fd, run.noted_or_sum, run.end, extents)))
      return Noted::nothing(SLUICE_REREAD_UNFOLLOWED);
  }
  const std::optional<Values> values = extents.tile(view.size);
  if (!values) return Noted::nothing(SLUICE_REREAD_GAPS);
  const bool in_hook = programs_.method() == SLUICE_OBSERVE_HOOK || view.switched;
  return {in_hook ? Origin::hook : Origin::follow, view.switched, *values};
}

Follower::Followed& Follower::file_of(const ObserveNote& note) {
  if (files_.size() >= kMostFollowed && !files_.contains(note.number)) forget(files_.begin()->first);
  return files_[note.number];
}

bool Follower::open(const ObserveNote& note) {
  if (open_ && open_number_ == note.number) return true;
  open_.reset();
  open_number_ = note.number;
  // The writer's lease, if he has one, is not to be broken, nor his FIFO to be opened: regular files alone are noted.
  if (const auto id = tree_.id_of(note.file)) open_ = tree_.open(*id, Tree::kToRead);
  return static_cast<bool>(open_);
}

bool Follower::add_summed(const sluice_observe_run& run, Extents& to) const {
  std::optional<Values> values;
  if (algorithms_ == SLUICE_ADLER32) {
    values = initial_values();
    (*values)[static_cast<size_t>(Algorithm::adler32)] = run.noted_or_sum;
  } else {
    values = programs_.sums();
  }
  if (values) to.add(run.start, run.end, *values);
  return values.has_value();
}

void Follower::forget(uint64_t number) {
  const auto forgotten = files_.extract(number);
  if (!forgotten) return;
  stretches_ -= forgotten.mapped().extents.count();
  scattered_.erase(number);
}

bool Follower::sum(int fd, uint64_t start, uint64_t end, Extents& to) {
  if (start == end) return true;
  Sums sums;
  sums.algorithms = algorithms_;
  bool whole = true;
  for (uint64_t at = start; whole && at < end;) {
    Range range{.fd = fd, .offset = at, .end = std::min(end, at + kPiece)};
    at = range.end;
    whole = caught([&] { return userspace::reduce_range(worker_, range, sums).done; }) && range.offset == at;
  }
  counts_.bytes_followed.fetch_add(sums.bytes, std::memory_order_relaxed);
  if (!whole) return false;
  to.add(start, end, sums.values);
  return true;
}

}  // namespace sluice
