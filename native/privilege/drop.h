// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/runtime/result.h"

namespace sluice {

// Takes capabilities (a mask of 1 << CAP_...) away from every thread of the process: effective, permitted, inheritable
// and ambient. The system call changes the calling thread only, so each thread is interrupted by a signal and makes it
// itself. After a failure some threads may have dropped them already.
//
// With `for_programs_too` no program that it starts gets more than it holds (PR_SET_NO_NEW_PRIVS): sudo and the like do
// not work there. Without, it fails for root, whose programs would have them again, where he lacks CAP_SETPCAP.
Result<> drop_capabilities(uint64_t mask, bool for_programs_too);

}  // namespace sluice
