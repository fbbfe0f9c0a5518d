// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "bpf/observe.h"
#include "native/engine/sums.h"

namespace sluice {

// How values were got.
enum class Origin : uint8_t {
  hook,    // summed in the kernel, where it was written: all of it, or from some place on
  follow,  // read while the file was written, as the hooks noted it
  reread,  // read after it was closed
};

// What the programs made known of a file: its values, or why it is to be read.
struct Noted {
  Origin origin;
  uint32_t reason;  // reread: enum sluice_reread; else enum sluice_switch
  Values values;

  static Noted nothing(uint32_t reason) { return {Origin::reread, reason, {}}; }
};

}  // namespace sluice
