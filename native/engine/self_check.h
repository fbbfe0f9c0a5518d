// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "native/engine/pipe_tap.h"
#include "native/runtime/result.h"

namespace sluice {

// Reduces pages of random bytes through the tap, with every algorithm and in fragments of many sizes, and compares with
// user space. A failure says what did not agree, or which call failed. No result of a tap is to be trusted before this
// passed.
Result<> self_check(PipeTap& tap);

}  // namespace sluice
