// SPDX-License-Identifier: Apache-2.0
// The backend `bpf`: pages are spliced into a worker's pipe and reduced there, where they lie, by the programs of the
// pipe tap.
#pragma once

#include <cstddef>

#include "native/engine/sums.h"
#include "native/runtime/worker.h"

namespace sluice::bpf {

// As a row of backend.h says.
Attempt reduce_range(Worker& worker, Range& range, Sums& sums);
Attempt reduce_pipe(Worker& worker, size_t length, Sums& sums);

}  // namespace sluice::bpf
