// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)

// GCC 12's own headers: undefined vectors on purpose, reported where they are inlined (PR 105593).
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#include <cstring>

#include "native/reduce/crc/polynomial.h"
#include "native/reduce/levels.h"
#include "native/reduce/target.h"

SLUICE_TARGET_BEGIN("avx512f,avx512bw,avx512vl,pclmul,vpclmulqdq")

#include "native/reduce/crc/fold.h"
#include "native/reduce/crc/lane_x86.h"

namespace sluice::avx512 {
namespace {

// Four lanes to a vector.
struct FourLanes {
  using Vector = __m512i;
  static constexpr size_t kBytes = 64;

  static Vector load(const uint8_t* data) { return _mm512_loadu_si512(data); }
  static Vector from_word(uint64_t word) { return _mm512_zextsi128_si512(LaneX86::from_word(word)); }
  static Vector add(Vector a, Vector b) { return _mm512_xor_si512(a, b); }
  static Vector key(FoldKey key) { return _mm512_broadcast_i32x4(LaneX86::key(key)); }
  static Vector fold(Vector lanes, Vector key, Vector next) {
    return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(lanes, key, 0x00),
                                     _mm512_clmulepi64_epi128(lanes, key, 0x11), next, 0x96);
  }
  template <uint64_t G>
  static __m128i to_lane(Vector lanes) {
    constexpr FoldKey k0 = kFoldKey<G, 48>, k1 = kFoldKey<G, 32>, k2 = kFoldKey<G, 16>;
    // The last lane stays where it is: its products are zero, and it is added as `next`.
    Vector keys = _mm512_set_epi64(0, 0, k2.second, k2.first, k1.second, k1.first, k0.second, k0.first);
    Vector moved = fold(lanes, keys, _mm512_maskz_mov_epi64(0xc0, lanes));
    __m256i half = _mm256_xor_si256(_mm512_castsi512_si256(moved), _mm512_extracti64x4_epi64(moved, 1));
    return LaneX86::add(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  }
};

}  // namespace

uint64_t crc32(uint64_t value, const uint8_t* data, size_t length) {
  return fold<FourLanes, LaneX86, kCrc32Generator>(value, data, length);
}

uint64_t crc32c(uint64_t value, const uint8_t* data, size_t length) {
  return fold<FourLanes, LaneX86, kCrc32cGenerator>(value, data, length);
}

uint64_t crc64nvme(uint64_t value, const uint8_t* data, size_t length) {
  return fold<FourLanes, LaneX86, kCrc64NvmeGenerator>(value, data, length);
}

}  // namespace sluice::avx512

SLUICE_TARGET_END

#endif
