// SPDX-License-Identifier: Apache-2.0
// Slow and obvious: the checksums as their specifications state them, and polynomials over GF(2)
// as plain lists of coefficients. They share nothing with what they check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace reference {

// RFC 1950, section 8.2.
inline uint64_t adler32(uint64_t value, const uint8_t* data, size_t length) {
  uint32_t a = value & 0xffff;
  uint32_t b = static_cast<uint32_t>(value >> 16);
  for (size_t i = 0; i < length; ++i) {
    a = (a + data[i]) % 65521;
    b = (b + a) % 65521;
  }
  return uint64_t{b} << 16 | a;
}

// Bit by bit, in the normal (unreflected) order: the polynomial as the specification prints it.
inline uint64_t reverse(uint64_t value, unsigned bits) {
  uint64_t reversed = 0;
  for (unsigned i = 0; i < bits; ++i) reversed |= ((value >> i) & 1) << (bits - 1 - i);
  return reversed;
}

inline uint64_t crc(unsigned bits, uint64_t polynomial, uint64_t value, const uint8_t* data, size_t length) {
  const uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
  uint64_t state = reverse(value ^ mask, bits);
  for (size_t i = 0; i < length; ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      uint64_t out = (state >> (bits - 1)) ^ ((data[i] >> bit) & 1);
      state = (state << 1) & mask;
      if (out & 1) state ^= polynomial;
    }
  }
  return reverse(state, bits) ^ mask;
}

// Element k is the coefficient of x^k.
using Polynomial = std::vector<bool>;

inline Polynomial monomial(size_t degree) {
  Polynomial result(degree + 1);
  result[degree] = true;
  return result;
}

// A generator: x^bits and the polynomial as printed, times x^(64 - bits).
inline Polynomial generator(unsigned bits, uint64_t polynomial) {
  Polynomial result(65);
  result[64] = true;
  for (unsigned i = 0; i < bits; ++i) result[64 - bits + i] = (polynomial >> i) & 1;
  return result;
}

// School division. The dividend becomes the remainder.
inline Polynomial divide(Polynomial& dividend, const Polynomial& divisor) {
  size_t degree = divisor.size() - 1;
  if (dividend.size() <= degree) return {};
  Polynomial quotient(dividend.size() - degree);
  for (size_t k = quotient.size(); k-- > 0;) {
    if (!dividend[k + degree]) continue;
    quotient[k] = true;
    for (size_t i = 0; i <= degree; ++i) dividend[k + i] = dividend[k + i] != divisor[i];
  }
  dividend.resize(degree);
  return quotient;
}

inline Polynomial product(const Polynomial& a, const Polynomial& b) {
  Polynomial result(a.size() + b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    if (!a[i]) continue;
    for (size_t j = 0; j < b.size(); ++j) result[i + j] = result[i + j] != b[j];
  }
  return result;
}

// Coefficients from..from+63 as a reflected word: the highest in bit 0.
inline uint64_t reflected_word(const Polynomial& polynomial, size_t from) {
  uint64_t word = 0;
  for (size_t i = 0; i < 64; ++i) {
    if (from + i < polynomial.size() && polynomial[from + i]) word |= uint64_t{1} << (63 - i);
  }
  return word;
}

inline Polynomial from_reflected_word(uint64_t word) {
  Polynomial result(64);
  for (size_t i = 0; i < 64; ++i) result[i] = (word >> (63 - i)) & 1;
  return result;
}

}  // namespace reference
