// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "native/runtime/result.h"

namespace sluice {

struct Capabilities {
  uint64_t effective = 0;  // masks of 1 << CAP_...
  uint64_t permitted = 0;
};

// Of a thread of this process; 0: of the calling one. /proc would tell too, where there is one.
Result<Capabilities> capabilities_of(pid_t thread);

}  // namespace sluice
