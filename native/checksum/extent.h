// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "native/checksum/source_file.h"
#include "native/reduce/reduction.h"
#include "native/relay/worker.h"

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

// What the threads working on one file share.
struct Shared {
  uint32_t algorithms = 0;         // mask, bpf/reduce/state.h
  std::atomic<uint64_t> bytes{0};  // reduced so far, for progress
  std::atomic<bool> cancelled{false};
};

// Both engines stop at the end of the extent or of the file, at a cancellation, or when a writer waits for the lease;
// `failure` says which of the last two it was. Reading errors are failures of user space; in the kernel they only make
// `reason` say why it could not go on, because user space then meets, and names, them itself.
Failure reduce_in_kernel(Worker& worker, const SourceFile& file, Shared& shared, Extent& extent, std::string& reason);
Failure reduce_in_userspace(Worker& worker, const SourceFile& file, Shared& shared, Extent& extent);

}  // namespace sluice
