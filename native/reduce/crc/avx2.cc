// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#include "native/reduce/crc/polynomial.h"
#include "native/reduce/levels.h"
#include "native/reduce/target.h"

SLUICE_TARGET_BEGIN("avx2,pclmul,vpclmulqdq")

#include "native/reduce/crc/fold.h"
#include "native/reduce/crc/lane_x86.h"

namespace sluice::avx2 {
namespace {

// Two lanes to a vector.
struct TwoLanes {
  using Vector = __m256i;
  static constexpr size_t kBytes = 32;

  static Vector load(const uint8_t* data) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data)); }
  static Vector from_word(uint64_t word) { return _mm256_zextsi128_si256(LaneX86::from_word(word)); }
  static Vector add(Vector a, Vector b) { return _mm256_xor_si256(a, b); }
  static Vector key(FoldKey key) { return _mm256_broadcastsi128_si256(LaneX86::key(key)); }
  static Vector fold(Vector lanes, Vector key, Vector next) {
    return add(add(_mm256_clmulepi64_epi128(lanes, key, 0x00), next), _mm256_clmulepi64_epi128(lanes, key, 0x11));
  }
  template <uint64_t G>
  static __m128i to_lane(Vector lanes) {
    return LaneX86::fold(_mm256_castsi256_si128(lanes), LaneX86::key(kFoldKey<G, 16>),
                         _mm256_extracti128_si256(lanes, 1));
  }
};

}  // namespace

uint64_t crc32(uint64_t value, const uint8_t* data, size_t length) {
  return fold<TwoLanes, LaneX86, kCrc32Generator>(value, data, length);
}

uint64_t crc32c(uint64_t value, const uint8_t* data, size_t length) {
  return fold<TwoLanes, LaneX86, kCrc32cGenerator>(value, data, length);
}

uint64_t crc64nvme(uint64_t value, const uint8_t* data, size_t length) {
  return fold<TwoLanes, LaneX86, kCrc64NvmeGenerator>(value, data, length);
}

}  // namespace sluice::avx2

SLUICE_TARGET_END

#endif
