// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/reduce/reduction.h"

namespace sluice {

// The value of so many zero bytes, which is what a hole of a file reads as: by doubling, without a pass over them.
uint64_t value_of_zeros(const Reduction& reduction, uint64_t length);

}  // namespace sluice
