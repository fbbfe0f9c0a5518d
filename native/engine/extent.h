// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "native/reduce/reduction.h"
#include "native/runtime/failure.h"
#include "native/runtime/worker.h"

namespace sluice {

using Values = std::array<uint64_t, kAlgorithms>;

// A stretch of a file that one worker reduces. `offset` moves as it goes, and `values` with it: together they are what
// has been committed, from which any engine can go on.
struct Extent {
  uint64_t begin = 0;
  uint64_t end = 0;  // UINT64_MAX: to the end of the file
  uint64_t offset = 0;
  Values values{};
};

// Where an extent's bytes are read.
struct ExtentSource {
  int fd;
  uint32_t alignment = 1;                     // of offset, length and address of a read: more than 1 for O_DIRECT
  std::function<Failure()> interrupted = {};  // asked before each window: why to stop, if anything
  // What it means that the bytes of a window could not be read, if not what the system says.
  std::function<Failure(int error, uint8_t* buffer, size_t length, uint64_t offset)> unreadable = {};
};

// What the threads working on one file share.
struct Shared {
  uint32_t algorithms = 0;         // mask, bpf/reduce/state.h
  std::atomic<uint64_t> bytes{0};  // reduced so far, for progress
  std::atomic<bool> cancelled{false};
};

// Both engines stop at the end of the extent or of the file, or when they are interrupted, which is the failure then,
// as is a file that can't be read. `reason` says why the kernel could not go on where user space can.
Failure reduce_in_kernel(Worker& worker, const ExtentSource& from, Shared& shared, Extent& extent, std::string& reason);
Failure reduce_in_userspace(Worker& worker, const ExtentSource& from, Shared& shared, Extent& extent);

// Bytes that are in memory already, into the values of a set of algorithms.
void reduce_bytes(uint32_t algorithms, Values& values, const uint8_t* data, size_t length);

// The values that the state of a slot stands for, of those algorithms; the others are left alone.
void values_of(const sluice_state& state, uint32_t algorithms, Values& values);

}  // namespace sluice
