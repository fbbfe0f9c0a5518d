// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "native/engine/sums.h"
#include "native/runtime/worker.h"

namespace sluice {

// What reduces bytes to values.
struct Backend {
  std::string_view name;

  // The bytes of a range, which is advanced. Stops at the end of the range or of the file, when it is interrupted, or
  // when the backend refuses.
  Attempt (*range)(Worker& worker, Range& range, Sums& sums);

  // The first bytes of the worker's own pipe, which are taken out. Those of a backend that refuses stay in it.
  Attempt (*pipe)(Worker& worker, size_t length, Sums& sums);

  // Bytes in memory of ours. nullptr: the backend sees only what the kernel holds.
  void (*memory)(const uint8_t* data, size_t length, Sums& sums);
};

// All of them, in the order of fallback: where one can't go on the next one does. The last refuses nothing.
std::span<const Backend> backends();

// nullptr: there is none of that name.
const Backend* backend_of(std::string_view name);

// Where a sum begins.
struct BackendChoice {
  const Backend* backend = &backends().back();
  uint64_t from = 0;      // with fewer bytes to reduce it is the last one
  bool fallback = false;  // the next one goes on where that one can't
};

}  // namespace sluice
