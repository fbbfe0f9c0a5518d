// SPDX-License-Identifier: Apache-2.0
#include "native/reduce/adler32/adler32.h"
#include "native/reduce/levels.h"

namespace sluice::portable {
namespace {

// adler32.h's sums with one lane per byte of a row, in loops that compilers turn into whatever
// vectors the CPU has.
constexpr size_t kRow = 16;
constexpr size_t kRows = 4096;  // 255 * 4096^2 / 2 < 2^32

AdlerSums row_sums(const uint8_t* data, size_t rows) {
  uint32_t bytes[kRow] = {};
  uint32_t preceding[kRow] = {};
  for (; rows != 0; --rows, data += kRow) {
    for (size_t i = 0; i < kRow; ++i) {
      preceding[i] += bytes[i];
      bytes[i] += data[i];
    }
  }
  AdlerSums sums{};
  for (size_t i = 0; i < kRow; ++i) {
    sums.bytes += bytes[i];
    sums.weighted += kRow * uint64_t{preceding[i]} + (kRow - i) * uint64_t{bytes[i]};
  }
  return sums;
}

}  // namespace

uint64_t adler32(uint64_t value, const uint8_t* data, size_t length) {
  uint64_t a = value & 0xffff;
  uint64_t b = value >> 16;
  while (length >= kRow) {
    size_t rows = length / kRow < kRows ? length / kRow : kRows;
    AdlerSums sums = row_sums(data, rows);
    b = (b + a * (rows * kRow) + sums.weighted) % kAdlerModulus;
    a = (a + sums.bytes) % kAdlerModulus;
    data += rows * kRow;
    length -= rows * kRow;
  }
  for (; length != 0; ++data, --length) b += a += *data;
  return (b % kAdlerModulus) << 16 | a % kAdlerModulus;
}

}  // namespace sluice::portable
