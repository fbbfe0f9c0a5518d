// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)

#include <immintrin.h>

#include <bit>
#include <cstring>

#include "native/reduce/levels.h"
#include "native/reduce/target.h"

SLUICE_TARGET_BEGIN("sse4.2")

#include "native/reduce/adler32/adler32.h"

namespace sluice::sse4 {
namespace {

struct Bytes16 {
  using Vector = __m128i;
  static constexpr size_t kBytes = 16;
  static constexpr size_t kBlock = 4;

  static Vector zero() { return _mm_setzero_si128(); }
  static Vector load(const uint8_t* data) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(data)); }
  static Vector load_last(const uint8_t* data, size_t count) {
    alignas(kBytes) uint8_t padded[kBytes] = {};
    memcpy(padded + kBytes - count, data, count);
    return load(padded);
  }
  static Vector add_bytes(Vector sums, Vector bytes) { return add(sums, _mm_sad_epu8(bytes, zero())); }
  static Vector add(Vector a, Vector b) { return _mm_add_epi64(a, b); }
  // Two vectors' products fit in 16 bits: 2 * 255 * (weight + weight) < 2^15.
  static Vector weigh(Vector sums, Vector bytes) { return widen_products(sums, products(bytes)); }
  static Vector weigh(Vector sums, Vector first, Vector second) {
    return widen_products(sums, _mm_add_epi16(products(first), products(second)));
  }
  static Vector add_wide(Vector a, Vector b) { return add(a, b); }
  static Vector subtract(Vector a, Vector b) { return _mm_sub_epi64(a, b); }
  static Vector widen(Vector sums) { return sums; }
  static Vector widen_weighted(Vector sums) {
    return add(_mm_blend_epi16(sums, zero(), 0xcc), _mm_srli_epi64(sums, 32));
  }
  template <int bits>
  static Vector shift(Vector sums) {
    return _mm_slli_epi64(sums, bits);
  }
  static uint64_t total(Vector lanes) {
    return static_cast<uint64_t>(_mm_cvtsi128_si64(add(lanes, _mm_unpackhi_epi64(lanes, lanes))));
  }

 private:
  static Vector products(Vector bytes) {
    return _mm_maddubs_epi16(bytes, _mm_setr_epi8(16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1));
  }
  static Vector widen_products(Vector sums, Vector products) {
    return _mm_add_epi32(sums, _mm_madd_epi16(products, _mm_set1_epi16(1)));
  }
};

}  // namespace

uint64_t adler32(uint64_t value, const uint8_t* data, size_t length) {
  return adler_vectors<Bytes16>(value, data, length);
}

}  // namespace sluice::sse4

SLUICE_TARGET_END

#endif
