// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "native/engine/sums.h"

namespace sluice {

// Stretches of a file and their values, in whatever order they come. Those that touch become one.
class Extents {
 public:
  // Of bytes [start, end).
  void add(uint64_t start, uint64_t end, const Values& values);

  // How many they are by now.
  size_t count() const { return stretches_.size(); }
  // The values of a file of this size, if each of its bytes was added, and none twice.
  std::optional<Values> tile(uint64_t size) const;

 private:
  struct Stretch {
    uint64_t end;
    Values values;
  };

  // By where they start.
  std::map<uint64_t, Stretch> stretches_;
  // Bytes that were written again have the values of before in one of two stretches.
  bool overlapping_ = false;
};

}  // namespace sluice
