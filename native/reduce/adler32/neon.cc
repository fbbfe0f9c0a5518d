// SPDX-License-Identifier: Apache-2.0
#if defined(__AARCH64EL__)

#include <arm_neon.h>

#include <cstring>

#include "native/reduce/adler32/adler32.h"
#include "native/reduce/levels.h"

namespace sluice::neon {
namespace {

constexpr uint8_t kWeights[16] = {16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1};

struct Bytes16 {
  using Vector = uint64x2_t;
  static constexpr size_t kBytes = 16;
  static constexpr size_t kBlock = 4;

  static Vector zero() { return vdupq_n_u64(0); }
  static Vector load(const uint8_t* data) { return vreinterpretq_u64_u8(vld1q_u8(data)); }
  static Vector load_last(const uint8_t* data, size_t count) {
    uint8_t padded[kBytes] = {};
    memcpy(padded + kBytes - count, data, count);
    return load(padded);
  }
  static Vector add_bytes(Vector sums, Vector bytes) {
    return vpadalq_u32(sums, vpaddlq_u16(vpaddlq_u8(vreinterpretq_u8_u64(bytes))));
  }
  static Vector add(Vector a, Vector b) { return vaddq_u64(a, b); }
  // Two vectors' products fit in 16 bits: 2 * 255 * (weight + weight) < 2^16.
  static Vector weigh(Vector sums, Vector bytes) { return widen_products(sums, add_products(vdupq_n_u16(0), bytes)); }
  static Vector weigh(Vector sums, Vector first, Vector second) {
    return widen_products(sums, add_products(add_products(vdupq_n_u16(0), first), second));
  }
  static Vector add_wide(Vector a, Vector b) { return add(a, b); }
  static Vector subtract(Vector a, Vector b) { return vsubq_u64(a, b); }
  static Vector widen(Vector sums) { return sums; }
  static Vector widen_weighted(Vector sums) { return vpaddlq_u32(vreinterpretq_u32_u64(sums)); }
  template <int bits>
  static Vector shift(Vector sums) {
    return vshlq_n_u64(sums, bits);
  }
  static uint64_t total(Vector sums) { return vaddvq_u64(sums); }

 private:
  static uint16x8_t add_products(uint16x8_t products, Vector bytes) {
    const uint8x16_t weights = vld1q_u8(kWeights);
    products = vmlal_u8(products, vget_low_u8(vreinterpretq_u8_u64(bytes)), vget_low_u8(weights));
    return vmlal_high_u8(products, vreinterpretq_u8_u64(bytes), weights);
  }
  static Vector widen_products(Vector sums, uint16x8_t products) {
    return vreinterpretq_u64_u32(vpadalq_u16(vreinterpretq_u32_u64(sums), products));
  }
};

}  // namespace

uint64_t adler32(uint64_t value, const uint8_t* data, size_t length) {
  return adler_vectors<Bytes16>(value, data, length);
}

}  // namespace sluice::neon

#endif
