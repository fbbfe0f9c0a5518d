// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "native/engine/pipe_tap.h"

namespace sluice {

// Reduces pages of random bytes through the tap, with every algorithm and in fragments of many sizes, and compares with
// user space. Empty if all agree, else what did not. No result of a tap is to be trusted before this passed.
std::string self_check(PipeTap& tap);

}  // namespace sluice
