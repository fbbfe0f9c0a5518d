// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/runtime/result.h"

namespace sluice {

// Takes capabilities (a mask of 1 << CAP_...) away from every thread of the process: effective, permitted, inheritable
// and ambient. The system call changes the calling thread only, so each thread is interrupted by a signal and makes it
// itself. After a failure some threads may have dropped them already.
Result<> drop_capabilities(uint64_t mask);

}  // namespace sluice
