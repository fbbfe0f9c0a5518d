// SPDX-License-Identifier: Apache-2.0
// The backend `bpf`: pages are spliced into a worker's pipe and reduced there by the programs of the pipe tap.
#pragma once

#include <cstddef>

#include "native/engine/sums.h"
#include "native/runtime/pipe.h"
#include "native/runtime/worker.h"

namespace sluice::bpf {

// Stops at the end of the range or of the file, when it is interrupted, or when it is refused.
Attempt reduce(Worker& worker, Range& range, Sums& sums);

// The first bytes of the worker's own pipe, all or none of them; they stay in it.
Attempt reduce_own_pipe(Worker& worker, size_t length, Sums& sums);

}  // namespace sluice::bpf
