// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "native/reduce/reduction.h"
#include "native/runtime/result.h"

namespace sluice {

using Values = std::array<uint64_t, kAlgorithms>;

// The value of no bytes, of each algorithm.
inline Values initial_values() {
  Values values{};
  for (const Reduction& each : reductions()) values[static_cast<size_t>(each.algorithm)] = each.init;
  return values;
}

// What has been committed: from here any backend can go on.
struct Sums {
  uint32_t algorithms = 0;  // mask, bpf/reduce/state.h
  Values values = initial_values();
  uint64_t bytes = 0;
  std::atomic<uint64_t>* progress = nullptr;  // counts what all who share it have reduced

  void count(uint64_t reduced) {
    bytes += reduced;
    if (progress) progress->fetch_add(reduced, std::memory_order_relaxed);
  }
};

// A stretch of a file. `offset` moves on with what is committed.
struct Range {
  int fd;
  uint64_t offset;
  uint64_t end;                                // UINT64_MAX: to the end of the file
  uint32_t alignment = 1;                      // of offset, length and address of a read: more than 1 for O_DIRECT
  std::function<Result<>()> interrupted = {};  // asked before each window: why to stop, if anything
  // What it means that the bytes of a window could not be read, if not what the system says.
  std::function<Failure(int error, uint8_t* buffer, size_t length, uint64_t offset)> unreadable = {};

  Result<> may_go_on() const { return interrupted ? interrupted() : Result<>(); }
};

// What became of a backend's work. What it committed before it stopped stands.
struct Attempt {
  Result<> done;        // a failure: nobody can go on
  std::string refused;  // this backend can't, and why; user space then meets, and names, what may be wrong itself
};

// A window of a range that satisfies O_DIRECT: it begins `skip` bytes before what is wanted and may end behind it.
struct Window {
  uint64_t from;
  size_t skip;
  size_t length;

  Window(const Range& range, size_t most)
      : from(range.offset - range.offset % range.alignment), skip(range.offset % range.alignment) {
    const uint64_t wanted = range.end - from;
    length = wanted < most ? (wanted + range.alignment - 1) / range.alignment * range.alignment : most;
  }
};

}  // namespace sluice
