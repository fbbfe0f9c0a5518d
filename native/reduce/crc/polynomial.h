// SPDX-License-Identifier: Apache-2.0
// Arithmetic in GF(2)[x] modulo a generator of degree 64, in the reflected bit order of the CRCs:
// bit i of a word is the coefficient of x^(63-i), and the generator's own x^64 is left out.
//
// A CRC of 32 bits is one of 64 bits whose generator is multiplied by x^32: its reflected word is
// the 32-bit polynomial with zeros above it, its values stay in the low 32 bits, and everything
// here, the folding and the tables serve both widths unchanged.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sluice {

inline constexpr uint64_t kCrc32Generator = 0xedb88320;              // ITU-T V.42: 0x04c11db7
inline constexpr uint64_t kCrc32cGenerator = 0x82f63b78;             // RFC 3720: 0x1edc6f41
inline constexpr uint64_t kCrc64NvmeGenerator = 0x9a6c9329ac4bc9b5;  // NVMe: 0xad93d23594c93659

inline constexpr uint64_t kOne = uint64_t{1} << 63;

constexpr uint64_t times_x(uint64_t a, uint64_t generator) { return (a >> 1) ^ ((a & 1) ? generator : 0); }

constexpr uint64_t multiply(uint64_t a, uint64_t b, uint64_t generator) {
  uint64_t product = 0;
  for (; a != 0; a <<= 1) {
    if (a & kOne) product ^= b;
    b = times_x(b, generator);
  }
  return product;
}

// x^exponent modulo the generator.
constexpr uint64_t power_of_x(uint64_t exponent, uint64_t generator) {
  uint64_t result = kOne;
  uint64_t square = times_x(kOne, generator);
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) result = multiply(result, square, generator);
    square = multiply(square, square, generator);
  }
  return result;
}

// floor(x^127 / generator), of degree 63: Barrett's constant without its lowest coefficient, which
// never reaches the half of the product that is used.
constexpr uint64_t barrett_quotient(uint64_t generator) {
  uint64_t quotient = 1;
  uint64_t remainder = generator;
  for (unsigned bit = 1; bit < 64; ++bit) {
    quotient |= (remainder & 1) << bit;
    remainder = times_x(remainder, generator);
  }
  return quotient;
}

// floor(generator / x), of degree 63: the generator without its lowest coefficient.
constexpr uint64_t generator_above_one(uint64_t generator) { return (generator << 1) | 1; }

// Lengths in bytes to powers of x: entry k is x^(8 * 2^k), so that a product of the entries at the
// bits of a length is the shift by that length.
constexpr std::array<uint64_t, 64> byte_shifts(uint64_t generator) {
  std::array<uint64_t, 64> shifts{};
  uint64_t shift = power_of_x(8, generator);
  for (uint64_t& entry : shifts) {
    entry = shift;
    shift = multiply(shift, shift, generator);
  }
  return shifts;
}

}  // namespace sluice
