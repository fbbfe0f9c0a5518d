// SPDX-License-Identifier: Apache-2.0
#if defined(__AARCH64EL__)

#include <arm_acle.h>
#include <arm_neon.h>

#include <cstring>

#include "native/reduce/crc/polynomial.h"
#include "native/reduce/levels.h"
#include "native/reduce/target.h"

#if defined(__clang__)
SLUICE_TARGET_BEGIN("aes,crc")
#else
SLUICE_TARGET_BEGIN("+crypto+crc")
#endif

#include "native/reduce/crc/fold.h"
#include "native/reduce/crc/shift_bytes.h"

namespace sluice::neon {
namespace {

// PMULL, and the CRC32 instructions of ARMv8.
struct LaneNeon {
  using Vector = uint64x2_t;
  static constexpr size_t kBytes = 16;

  static Vector load(const uint8_t* data) { return vreinterpretq_u64_u8(vld1q_u8(data)); }
  static Vector from_word(uint64_t word) { return vcombine_u64(vcreate_u64(word), vcreate_u64(0)); }
  static Vector add(Vector a, Vector b) { return veorq_u64(a, b); }
  static Vector key(FoldKey key) { return vcombine_u64(vcreate_u64(key.first), vcreate_u64(key.second)); }
  static Vector fold(Vector lane, Vector key, Vector next) {
    Vector second = vreinterpretq_u64_p128(vmull_high_p64(vreinterpretq_p64_u64(lane), vreinterpretq_p64_u64(key)));
    return add(add(multiply_first_words(lane, key), next), second);
  }
  template <uint64_t G>
  static Vector to_lane(Vector lane) {
    return lane;
  }

  // The first `count` bytes as the last ones of a lane of zeros.
  static Vector head(Vector lane, size_t count) { return shuffle(lane, load(kShiftBytes + count)); }
  // What follows these: the rest of the lane, then the last `count` of the 16 bytes at `data`.
  static Vector tail(Vector lane, size_t count, const uint8_t* data) {
    Vector places = load(kShiftBytes + 16 + count);
    uint8x16_t from_data = vcltzq_s8(vreinterpretq_s8_u64(places));
    return vreinterpretq_u64_u8(vbslq_u8(from_data, vld1q_u8(data), vreinterpretq_u8_u64(shuffle(lane, places))));
  }

  static uint64_t first_word(Vector lane) { return vgetq_lane_u64(lane, 0); }
  static uint64_t second_word(Vector lane) { return vgetq_lane_u64(lane, 1); }
  // The second word as the first one, then zeros.
  static Vector second_first(Vector lane) { return vextq_u64(lane, vdupq_n_u64(0), 1); }
  static Vector multiply_first_words(Vector a, Vector b) {
    return vreinterpretq_u64_p128(
        vmull_p64(static_cast<poly64_t>(first_word(a)), static_cast<poly64_t>(first_word(b))));
  }

  template <uint64_t G>
  static constexpr bool kHasInstruction = G == kCrc32Generator || G == kCrc32cGenerator;
  template <uint64_t G>
  static uint64_t instruction(uint64_t word) {
    return G == kCrc32Generator ? __crc32d(0, word) : __crc32cd(0, word);
  }

 private:
  static Vector shuffle(Vector lane, Vector places) {
    return vreinterpretq_u64_u8(vqtbl1q_u8(vreinterpretq_u8_u64(lane), vreinterpretq_u8_u64(places)));
  }
};

}  // namespace

uint64_t crc32(uint64_t value, const uint8_t* data, size_t length) {
  return fold<LaneNeon, LaneNeon, kCrc32Generator>(value, data, length);
}

uint64_t crc32c(uint64_t value, const uint8_t* data, size_t length) {
  return fold<LaneNeon, LaneNeon, kCrc32cGenerator>(value, data, length);
}

uint64_t crc64nvme(uint64_t value, const uint8_t* data, size_t length) {
  return fold<LaneNeon, LaneNeon, kCrc64NvmeGenerator>(value, data, length);
}

}  // namespace sluice::neon

SLUICE_TARGET_END

#endif
