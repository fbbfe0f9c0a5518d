// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)

// GCC 12's own headers: undefined vectors on purpose, reported where they are inlined (PR 105593).
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#include <bit>

#include "native/reduce/levels.h"
#include "native/reduce/target.h"

SLUICE_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512vnni")

#include "native/reduce/adler32/adler32.h"

namespace sluice::avx512 {
namespace {

alignas(64) constexpr int8_t kWeights[64] = {64, 63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49,
                                             48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33,
                                             32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17,
                                             16, 15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4,  3,  2,  1};

struct Bytes64 {
  using Vector = __m512i;
  static constexpr size_t kBytes = 64;
  static constexpr size_t kBlock = 4;

  static Vector zero() { return _mm512_setzero_si512(); }
  static Vector load(const uint8_t* data) { return _mm512_loadu_si512(data); }
  // Bytes that are masked off are not touched, even where no memory is.
  static Vector load_last(const uint8_t* data, size_t count) {
    uintptr_t start = reinterpret_cast<uintptr_t>(data) + count - kBytes;
    return _mm512_maskz_loadu_epi8(~uint64_t{0} << (kBytes - count), reinterpret_cast<const void*>(start));
  }
  static Vector add_bytes(Vector sums, Vector bytes) { return _mm512_dpbusd_epi32(sums, bytes, _mm512_set1_epi8(1)); }
  static Vector add(Vector a, Vector b) { return _mm512_add_epi32(a, b); }
  static Vector weigh(Vector sums, Vector bytes) {
    return _mm512_dpbusd_epi32(sums, bytes, _mm512_load_si512(kWeights));
  }
  static Vector weigh(Vector sums, Vector first, Vector second) { return weigh(weigh(sums, first), second); }
  static Vector add_wide(Vector a, Vector b) { return _mm512_add_epi64(a, b); }
  static Vector subtract(Vector a, Vector b) { return _mm512_sub_epi32(a, b); }
  static Vector widen(Vector sums) {
    return add_wide(_mm512_maskz_mov_epi32(0x5555, sums), _mm512_srli_epi64(sums, 32));
  }
  static Vector widen_weighted(Vector sums) { return widen(sums); }
  template <int bits>
  static Vector shift(Vector sums) {
    return _mm512_slli_epi64(sums, bits);
  }
  static uint64_t total(Vector sums) { return static_cast<uint64_t>(_mm512_reduce_add_epi64(sums)); }
};

}  // namespace

uint64_t adler32(uint64_t value, const uint8_t* data, size_t length) {
  return adler_vectors<Bytes64>(value, data, length);
}

}  // namespace sluice::avx512

SLUICE_TARGET_END

#endif
