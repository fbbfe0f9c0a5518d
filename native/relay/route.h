// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

#include "native/engine/reducer.h"
#include "native/relay/endpoint.h"

namespace sluice {

// What is moved, from where to where, and how far that has come.
struct Transfer {
  Endpoint source;
  Endpoint sink;
  uint64_t left;                   // to be taken from the source; UINT64_MAX: up to its end
  std::atomic<uint64_t> moved{0};  // bytes that reached the sink
  Reducer sums;

  Transfer(uint32_t algorithms, const BackendChoice& choice, uint64_t length)
      : left(length), sums(algorithms, choice, length) {}

  void taken(size_t bytes) {
    if (left != UINT64_MAX) left -= bytes;
  }
};

// How bytes get from a source to a sink and are measured on the way.
class Route {
 public:
  enum class Turn : uint8_t { moved, source_empty, sink_full, ended };

  virtual ~Route() = default;
  // Moves at most a window. What stays under way between two steps is the route's own, not the worker's: the next step
  // may be another worker's.
  virtual Result<Turn> step(Worker& worker) = 0;
};

}  // namespace sluice
