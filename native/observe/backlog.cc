// SPDX-License-Identifier: Apache-2.0
#include "native/observe/backlog.h"

#include <algorithm>
#include <utility>

namespace sluice {

Candidate* Backlog::find(const FileId& id) {
  const auto found = waiting_.find(id);
  return found == waiting_.end() ? nullptr : &found->second;
}

void Backlog::add(Candidate candidate, uint64_t due) {
  if (find(candidate.id)) return;
  const FileId id = candidate.id;
  const Lane lane = lane_of(candidate);
  candidate.due = due;
  waiting_.insert_or_assign(id, std::move(candidate));
  if (due == 0) {
    queue(id, lane);
  } else {
    later_.emplace(due, id);
  }
}

void Backlog::hurry(Candidate& candidate) {
  const auto [begin, end] = later_.equal_range(candidate.due);
  const auto found = std::find_if(begin, end, [&](const auto& each) { return each.second == candidate.id; });
  if (found == end) return;
  later_.erase(found);
  candidate.due = 0;
  queue(candidate.id, lane_of(candidate));
}

void Backlog::wake(uint64_t now) {
  while (!later_.empty() && later_.begin()->first <= now) {
    const FileId id = std::move(later_.begin()->second);
    later_.erase(later_.begin());
    Candidate& candidate = waiting_.at(id);
    candidate.due = 0;
    queue(id, lane_of(candidate));
  }
}

std::optional<uint64_t> Backlog::next_due() const {
  if (later_.empty()) return std::nullopt;
  return later_.begin()->first;
}

std::optional<Backlog::Lane> Backlog::turn() {
  if (turns_.empty()) return std::nullopt;
  const Lane lane = turns_.front();
  turns_.pop_front();
  return lane;
}

std::optional<Candidate> Backlog::take(const Lane& lane) {
  const auto found = lanes_.find(lane);
  if (found->second.empty()) {
    lanes_.erase(found);
    return std::nullopt;
  }
  auto node = waiting_.extract(found->second.front());
  found->second.pop_front();
  return std::move(node.mapped());
}

void Backlog::queue(const FileId& id, const Lane& lane) {
  const auto [at, is_new] = lanes_.try_emplace(lane);
  at->second.push_back(id);
  if (is_new) turns_.push_back(lane);
}

}  // namespace sluice
