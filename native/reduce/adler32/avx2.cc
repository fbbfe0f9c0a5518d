// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)

#include <immintrin.h>

#include <bit>
#include <cstring>

#include "native/reduce/levels.h"
#include "native/reduce/target.h"

SLUICE_TARGET_BEGIN("avx2")

#include "native/reduce/adler32/adler32.h"

namespace sluice::avx2 {
namespace {

struct Bytes32 {
  using Vector = __m256i;
  static constexpr size_t kBytes = 32;
  static constexpr size_t kBlock = 4;

  static Vector zero() { return _mm256_setzero_si256(); }
  static Vector load(const uint8_t* data) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data)); }
  static Vector load_last(const uint8_t* data, size_t count) {
    alignas(kBytes) uint8_t padded[kBytes] = {};
    memcpy(padded + kBytes - count, data, count);
    return load(padded);
  }
  static Vector add_bytes(Vector sums, Vector bytes) { return add(sums, _mm256_sad_epu8(bytes, zero())); }
  static Vector add(Vector a, Vector b) { return _mm256_add_epi64(a, b); }
  // Two vectors' products fit in 16 bits: 2 * 255 * (weight + weight) < 2^15.
  static Vector weigh(Vector sums, Vector bytes) { return widen_products(sums, products(bytes)); }
  static Vector weigh(Vector sums, Vector first, Vector second) {
    return widen_products(sums, _mm256_add_epi16(products(first), products(second)));
  }
  static Vector add_wide(Vector a, Vector b) { return add(a, b); }
  static Vector subtract(Vector a, Vector b) { return _mm256_sub_epi64(a, b); }
  static Vector widen(Vector sums) { return sums; }
  static Vector widen_weighted(Vector sums) {
    return add(_mm256_blend_epi32(sums, zero(), 0xaa), _mm256_srli_epi64(sums, 32));
  }
  template <int bits>
  static Vector shift(Vector sums) {
    return _mm256_slli_epi64(sums, bits);
  }
  static uint64_t total(Vector lanes) {
    __m128i half = _mm_add_epi64(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
    return static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_add_epi64(half, _mm_unpackhi_epi64(half, half))));
  }

 private:
  static Vector products(Vector bytes) {
    return _mm256_maddubs_epi16(bytes, _mm256_setr_epi8(32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17,
                                                        16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1));
  }
  static Vector widen_products(Vector sums, Vector products) {
    return _mm256_add_epi32(sums, _mm256_madd_epi16(products, _mm256_set1_epi16(1)));
  }
};

}  // namespace

uint64_t adler32(uint64_t value, const uint8_t* data, size_t length) {
  return adler_vectors<Bytes32>(value, data, length);
}

}  // namespace sluice::avx2

SLUICE_TARGET_END

#endif
