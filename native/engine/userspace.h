// SPDX-License-Identifier: Apache-2.0
// The backend `userspace`: bytes are copied into memory of ours and reduced there with SIMD.
#pragma once

#include <cstddef>
#include <cstdint>

#include "native/engine/sums.h"
#include "native/runtime/worker.h"

namespace sluice::userspace {

// As a row of backend.h says. These refuse nothing.
Attempt reduce_range(Worker& worker, Range& range, Sums& sums);
Attempt reduce_pipe(Worker& worker, size_t length, Sums& sums);
void reduce_memory(const uint8_t* data, size_t length, Sums& sums);

// A window of the range into the worker's buffer: how many bytes, 0 at the end of the file.
Result<size_t> read(Worker& worker, const Range& range, const Window& window);

}  // namespace sluice::userspace
