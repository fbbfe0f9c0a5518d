// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include "native/runtime/pipe.h"

namespace sluice {

// The pipes in which relays keep bytes that their sinks would not take yet. An unprivileged user has 64 pipes of a
// useful size, of which the workers need theirs.
class PipeStore {
 public:
  static PipeStore& instance();

  // Nothing where too many are in use, unless one is insisted on, or where the system has none.
  std::optional<Pipe> take(bool insist);
  // One that is no longer needed. It is of use to others if it is empty.
  void give(Pipe pipe, bool empty);

 private:
  PipeStore();

  std::mutex mutex_;
  std::vector<Pipe> spare_;
  size_t used_ = 0;
};

}  // namespace sluice
