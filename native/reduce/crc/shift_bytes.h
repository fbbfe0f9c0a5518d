// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sluice {
namespace {

// Windows of 16 bytes into this are shuffles that move a vector's bytes: up by n places from the
// window that starts at 16 - n, down by n from that at 16 + n. PSHUFB and TBL write a zero for 0x80.
alignas(16) inline constexpr uint8_t kShiftBytes[48] = {
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,   14,   15,
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80};

}  // namespace
}  // namespace sluice
