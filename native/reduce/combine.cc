// SPDX-License-Identifier: Apache-2.0
#include "native/reduce/combine.h"

#include <array>

#include "native/reduce/crc/polynomial.h"

namespace sluice {
namespace {

// A moves over B's bits, modulo the generator. The inversions at start and end cancel out, because
// both are of all bits.
template <uint64_t generator>
uint64_t combine_crc(uint64_t a, uint64_t b, uint64_t length_b) {
  static constexpr std::array<uint64_t, 64> kShifts = byte_shifts(generator);
  for (size_t bit = 0; length_b != 0; ++bit, length_b >>= 1) {
    if (length_b & 1) a = multiply(a, kShifts[bit], generator);
  }
  return a ^ b;
}

}  // namespace

uint64_t adler32_combine(uint64_t a, uint64_t b, uint64_t length_b) {
  constexpr uint64_t kModulus = 65521;
  uint64_t bytes_a = a & 0xffff;
  uint64_t bytes_b = b & 0xffff;
  // Each value starts from a sum of 1, which the whole has once.
  uint64_t bytes = bytes_a + bytes_b + kModulus - 1;
  uint64_t sums = (a >> 16) + (b >> 16) + (length_b % kModulus) * (bytes_a + kModulus - 1);
  return (sums % kModulus) << 16 | bytes % kModulus;
}

uint64_t crc32_combine(uint64_t a, uint64_t b, uint64_t length_b) {
  return combine_crc<kCrc32Generator>(a, b, length_b);
}

uint64_t crc32c_combine(uint64_t a, uint64_t b, uint64_t length_b) {
  return combine_crc<kCrc32cGenerator>(a, b, length_b);
}

uint64_t crc64nvme_combine(uint64_t a, uint64_t b, uint64_t length_b) {
  return combine_crc<kCrc64NvmeGenerator>(a, b, length_b);
}

}  // namespace sluice
