// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "native/engine/reducer.h"

namespace sluice {

// What became of a job that sums bytes, wherever they come from and go to.
struct Outcome {
  Result<Values> values{Values{}};
  uint64_t bytes = 0;                           // that were summed, or reached the sink
  const Backend* backend = &backends().back();  // that reduced all of it, or what was left when another stopped
  std::string fallback_reason;                  // why that one stopped
  uint64_t fallback_offset = 0;
  uint64_t duration_ns = 0;

  // What comes of a reducer, whose first byte was byte `begin` of the whole. Those of several follow each other.
  void add(const Reducer& part, uint64_t begin);
};

}  // namespace sluice
