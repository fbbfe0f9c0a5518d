// SPDX-License-Identifier: Apache-2.0
// Starting and finishing the sums that the BPF programs keep in bpf/reduce/state.h.
#pragma once

#include <linux/types.h>

#include <cstdint>

#include "bpf/reduce/state.h"
#include "native/reduce/reduction.h"

namespace sluice {

// Makes `state` that of zero bytes reduced after the given final values, one per Algorithm; only
// those of the set `algorithms` (SLUICE_ADLER32 | ...) are read and written. A sum starts from
// reduction(algorithm).init and goes on from any other value.
void bpf_state_init(sluice_state& state, uint32_t algorithms, const uint64_t values[kAlgorithms]);

// The algorithm's final value for all that was reduced, as zlib would return it.
uint64_t bpf_state_value(const sluice_state& state, Algorithm algorithm);

}  // namespace sluice
