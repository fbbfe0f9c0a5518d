// SPDX-License-Identifier: Apache-2.0
// The backend `userspace`: bytes are copied into memory of ours and reduced there with SIMD.
#pragma once

#include <cstddef>
#include <cstdint>

#include "native/engine/sums.h"
#include "native/runtime/pipe.h"
#include "native/runtime/worker.h"

namespace sluice::userspace {

// Stops at the end of the range or of the file, or when it is interrupted, which is the failure then.
Result<> reduce(Worker& worker, Range& range, Sums& sums);

// A window of the range into the worker's buffer: how many bytes, 0 at the end of the file.
Result<size_t> read(Worker& worker, const Range& range, const Window& window);

// The first bytes of a pipe, which are taken out.
Result<> reduce(Worker& worker, const Pipe& pipe, size_t length, Sums& sums);

// Bytes that are in memory already.
void reduce(const uint8_t* data, size_t length, Sums& sums);

}  // namespace sluice::userspace
