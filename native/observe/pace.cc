// SPDX-License-Identifier: Apache-2.0
#include "native/observe/pace.h"

#include <algorithm>

namespace sluice {
namespace {

// Of what a read took.
constexpr uint64_t kLongestRest = 10;
constexpr uint64_t kLongPause = 2 * kLongestRest;
// To look at a file again costs no less than so short a read, in ns.
constexpr uint64_t kShort = 1'000'000;

}  // namespace

uint64_t Pace::due(const FileId& id) const {
  const auto found = rests_.find(id);
  return found == rests_.end() ? 0 : found->second.due;
}

uint32_t Pace::reads_before(const FileId& id, uint64_t now) const {
  const auto found = rests_.find(id);
  return found == rests_.end() || found->second.over < now ? 0 : found->second.reads;
}

void Pace::rest(const FileId& id, uint64_t now, uint64_t took, uint32_t reads_before) {
  for (; !over_.empty() && over_.begin()->first < now; over_.erase(over_.begin())) {
    const auto found = rests_.find(over_.begin()->second);
    // It may have been read once more since.
    if (found != rests_.end() && found->second.over < now) rests_.erase(found);
  }
  if (took < kShort) return;
  const uint64_t times = std::min(uint64_t{1} << std::min(reads_before, 10u), kLongestRest);
  rests_[id] = {now + took * times, now + took * kLongPause, reads_before + 1};
  over_.emplace(now + took * kLongPause, id);
}

}  // namespace sluice
