// SPDX-License-Identifier: Apache-2.0
// The value of A followed by B from the values of A and of B.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice {

uint64_t adler32_combine(uint64_t a, uint64_t b, uint64_t length_b);
uint64_t crc32_combine(uint64_t a, uint64_t b, uint64_t length_b);
uint64_t crc32c_combine(uint64_t a, uint64_t b, uint64_t length_b);
uint64_t crc64nvme_combine(uint64_t a, uint64_t b, uint64_t length_b);

}  // namespace sluice
