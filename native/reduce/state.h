// SPDX-License-Identifier: Apache-2.0
// The running state of a stream (bpf/reduce/state.h), whichever backend keeps it. Finished values go in and out, so one
// backend can go on where another stopped.
#pragma once

#include <linux/types.h>

#include <cstdint>

#include "bpf/reduce/state.h"
#include "native/reduce/reduction.h"

namespace sluice {

// Makes `state` the backend's (SLUICE_BACKEND_*), of zero bytes reduced after these finished values, one per Algorithm;
// only those of the set `algorithms` (SLUICE_ADLER32 | ...) are read and written. A sum starts from
// reduction(algorithm).init and goes on from any other value.
void start_state(sluice_state& state, uint32_t backend, uint32_t algorithms, const uint64_t values[kAlgorithms]);

// The algorithm's finished value for all that was reduced, as zlib would return it. Throws std::out_of_range if there
// is no such backend.
uint64_t finished_value(const sluice_state& state, Algorithm algorithm);

}  // namespace sluice
