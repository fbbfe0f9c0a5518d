// SPDX-License-Identifier: Apache-2.0
#include "native/observe/extents.h"

#include <iterator>

namespace sluice {
namespace {

// A file in more pieces is read sooner.
constexpr size_t kMost = 4096;

void append(Values& to, const Values& more, uint64_t length) {
  for (const Reduction& each : reductions()) {
    const auto index = static_cast<size_t>(each.algorithm);
    to[index] = each.combine(to[index], more[index], length);
  }
}

}  // namespace

void Extents::add(uint64_t start, uint64_t end, const Values& values) {
  if (overlapping_ || start >= end) return;
  auto after = stretches_.lower_bound(start);
  const bool overlaps = (after != stretches_.end() && after->first < end) ||
                        (after != stretches_.begin() && std::prev(after)->second.end > start);
  if (overlaps || stretches_.size() >= kMost) {
    overlapping_ = true;
    stretches_.clear();
    return;
  }
  auto at = after;
  if (after != stretches_.begin() && std::prev(after)->second.end == start) {
    at = std::prev(after);
    append(at->second.values, values, end - start);
    at->second.end = end;
  } else {
    at = stretches_.emplace_hint(after, start, Stretch{end, values});
  }
  if (after != stretches_.end() && after->first == end) {
    append(at->second.values, after->second.values, after->second.end - end);
    at->second.end = after->second.end;
    stretches_.erase(after);
  }
}

std::optional<Values> Extents::tile(uint64_t size) const {
  if (overlapping_) return std::nullopt;
  if (size == 0 && stretches_.empty()) return initial_values();
  if (stretches_.size() != 1) return std::nullopt;
  const auto& [start, only] = *stretches_.begin();
  if (start != 0 || only.end != size) return std::nullopt;
  return only.values;
}

}  // namespace sluice
