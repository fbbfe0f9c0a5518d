// SPDX-License-Identifier: Apache-2.0
// Starting and finishing the sums that the BPF programs keep. Others go by native/reduce/state.h.
#pragma once

#include <linux/types.h>

#include <cstdint>

#include "bpf/reduce/state.h"
#include "native/reduce/reduction.h"

namespace sluice {

// As start_state().
void start_bpf_state(sluice_bpf_state& state, uint32_t algorithms, const uint64_t values[kAlgorithms]);

// As finished_value().
uint64_t bpf_state_value(const sluice_bpf_state& state, Algorithm algorithm);

}  // namespace sluice
