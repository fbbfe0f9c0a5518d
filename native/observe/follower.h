// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "native/observe/extents.h"
#include "native/observe/noted.h"
#include "native/observe/report.h"
#include "native/observe/tree.h"
#include "native/runtime/worker.h"

namespace sluice {

// Sums what the hooks noted while it is in the page cache: the method `follow`.
class Follower : public Noted {
 public:
  Follower(const Tree& tree, uint32_t algorithms, ObserveCounts& counts)
      : tree_(tree), algorithms_(algorithms), counts_(counts) {}

  Origin origin() const override { return Origin::follow; }
  // Reads the range.
  void take(const ObserveNote& note) override;
  // What was not noted is read now.
  std::optional<Values> values(int fd, const ObserveView& view) override;
  void forget(uint64_t number) override;

 private:
  struct Followed {
    Extents extents;
    uint32_t ranges = 0;  // as many came, one after the other
    bool lost = false;
    UniqueFd fd = {};
  };

  bool sum(int fd, uint64_t start, uint64_t end, Extents& to);
  void close_all();

  const Tree& tree_;
  const uint32_t algorithms_;
  ObserveCounts& counts_;
  Worker worker_{Worker::kNoSlot};
  std::unordered_map<uint64_t, Followed> files_;  // by the number of their entry
  size_t open_ = 0;
};

}  // namespace sluice
