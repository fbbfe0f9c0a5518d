// SPDX-License-Identifier: Apache-2.0
// One 128-bit lane for fold.h: PCLMULQDQ and SSE4.2. Internal linkage: see fold.h.
#pragma once

#include <immintrin.h>

#include "native/reduce/crc/fold.h"
#include "native/reduce/crc/shift_bytes.h"

namespace sluice {
namespace {

struct LaneX86 {
  using Vector = __m128i;
  static constexpr size_t kBytes = 16;

  static Vector load(const uint8_t* data) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(data)); }
  static Vector from_word(uint64_t word) { return _mm_cvtsi64_si128(static_cast<int64_t>(word)); }
  static Vector add(Vector a, Vector b) { return _mm_xor_si128(a, b); }
  static Vector key(FoldKey key) {
    return _mm_set_epi64x(static_cast<int64_t>(key.second), static_cast<int64_t>(key.first));
  }
  static Vector fold(Vector lane, Vector key, Vector next) {
    return add(add(_mm_clmulepi64_si128(lane, key, 0x00), next), _mm_clmulepi64_si128(lane, key, 0x11));
  }
  template <uint64_t G>
  static Vector to_lane(Vector lane) {
    return lane;
  }

  // The first `count` bytes as the last ones of a lane of zeros.
  static Vector head(Vector lane, size_t count) { return _mm_shuffle_epi8(lane, load(kShiftBytes + count)); }
  // What follows these: the rest of the lane, then the last `count` of the 16 bytes at `data`.
  static Vector tail(Vector lane, size_t count, const uint8_t* data) {
    Vector places = load(kShiftBytes + 16 + count);
    return _mm_blendv_epi8(_mm_shuffle_epi8(lane, places), load(data), places);
  }

  static uint64_t first_word(Vector lane) { return static_cast<uint64_t>(_mm_cvtsi128_si64(lane)); }
  static uint64_t second_word(Vector lane) { return static_cast<uint64_t>(_mm_extract_epi64(lane, 1)); }
  // The second word as the first one, then zeros.
  static Vector second_first(Vector lane) { return _mm_srli_si128(lane, 8); }
  static Vector multiply_first_words(Vector a, Vector b) { return _mm_clmulepi64_si128(a, b, 0x00); }

  // SSE4.2 has an instruction for one of the generators.
  template <uint64_t G>
  static constexpr bool kHasInstruction = G == kCrc32cGenerator;
  template <uint64_t G>
  static uint64_t instruction(uint64_t word) {
    return _mm_crc32_u64(0, word);
  }
};

}  // namespace
}  // namespace sluice
