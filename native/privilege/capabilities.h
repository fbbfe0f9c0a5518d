// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace sluice {

struct Capabilities {
  uint64_t effective = 0;  // masks of 1 << CAP_...
  uint64_t permitted = 0;
};

// Of a thread of this process; 0: of the calling one. Returns 0 or -errno. /proc would tell too, where there is one.
int capabilities_of(pid_t thread, Capabilities& out);

}  // namespace sluice
