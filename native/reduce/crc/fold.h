// SPDX-License-Identifier: Apache-2.0
// A CRC by folding with carry-less multiplication (Gopal and others, Intel, 2009), for any
// generator of polynomial.h and any vector width.
//
// The reflected product of two 64-bit words, read as 128 bits, is the product of the polynomials
// times x. So a lane (16 bytes, its first 8 the higher powers) moves over the D bits that follow
// it when its words are multiplied with x^(D+63) and x^(D-1) and the products are added there.
//
// Everything here has internal linkage, because each file that includes it compiles it for
// another CPU: a shared copy could be one that this CPU can't run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "native/reduce/crc/polynomial.h"

namespace sluice {
namespace {

template <uint64_t G>
inline constexpr uint64_t kAllOnes = G >> 32 ? ~uint64_t{0} : 0xffffffff;

template <uint64_t G>
inline constexpr uint64_t kBarrettQuotient = barrett_quotient(G);

template <uint64_t G>
inline constexpr uint64_t kGeneratorAboveOne = generator_above_one(G);

// What a lane's first word is multiplied with to move it onto the second.
template <uint64_t G>
inline constexpr uint64_t kReduceKey = power_of_x(127, G);

// What a lane's two words are multiplied with to move it over `bytes` bytes.
struct FoldKey {
  uint64_t first;
  uint64_t second;
};

template <uint64_t G, size_t bytes>
inline constexpr FoldKey kFoldKey{power_of_x(bytes * 8 + 63, G), power_of_x(bytes * 8 - 1, G)};

inline uint64_t load_word(const uint8_t* data) {
  uint64_t word;
  memcpy(&word, data, 8);
  return word;
}

// 1 to 7 bytes, in a little-endian word.
inline uint64_t load_short(const uint8_t* data, size_t length) {
  if (length >= 4) {
    uint32_t head, tail;
    memcpy(&head, data, 4);
    memcpy(&tail, data + length - 4, 4);
    return head | uint64_t{tail} << (8 * (length - 4));
  }
  return data[0] | uint64_t{data[length / 2]} << (8 * (length / 2)) | uint64_t{data[length - 1]} << (8 * (length - 1));
}

// The remainder of a lane, Barrett's way: no division, two multiplications.
template <class Lane, uint64_t G>
inline uint64_t remainder(typename Lane::Vector lane) {
  auto quotient = Lane::multiply_first_words(lane, Lane::from_word(kBarrettQuotient<G>));
  auto multiple = Lane::multiply_first_words(quotient, Lane::from_word(kGeneratorAboveOne<G>));
  uint64_t result = Lane::second_word(Lane::add(lane, multiple));
  return G & kOne ? result ^ Lane::first_word(quotient) : result;
}

// The state behind a word that took in the state before it: the word times x^64.
template <class Lane, uint64_t G>
inline uint64_t after_word(uint64_t word) {
  if constexpr (Lane::template kHasInstruction<G>) {
    return Lane::template instruction<G>(word);
  } else {
    return remainder<Lane, G>(Lane::from_word(word));
  }
}

// The same for a lane.
template <class Lane, uint64_t G>
inline uint64_t after_lane(typename Lane::Vector lane) {
  if constexpr (Lane::template kHasInstruction<G>) {
    return Lane::template instruction<G>(Lane::template instruction<G>(Lane::first_word(lane)) ^
                                         Lane::second_word(lane));
  } else {
    auto key = Lane::from_word(kReduceKey<G>);
    return remainder<Lane, G>(Lane::add(Lane::multiply_first_words(lane, key), Lane::second_first(lane)));
  }
}

// The state behind fewer bytes than a lane has.
template <class Lane, uint64_t G>
inline uint64_t after_few(uint64_t crc, const uint8_t* data, size_t length) {
  if (length >= 8) {
    crc = after_word<Lane, G>(crc ^ load_word(data));
    data += 8;
    length -= 8;
  }
  if (length == 0) return crc;
  unsigned bits = 8 * static_cast<unsigned>(length);
  return after_word<Lane, G>((crc ^ load_short(data, length)) << (64 - bits)) ^ crc >> bits;
}

// `Wide` is a vector of one or more lanes, `Lane` a vector of one.
template <class Wide, class Lane, uint64_t G>
inline uint64_t fold(uint64_t value, const uint8_t* data, size_t length) {
  constexpr size_t kWidth = Wide::kBytes;
  uint64_t crc = value ^ kAllOnes<G>;
  if (length < 16) return after_few<Lane, G>(crc, data, length) ^ kAllOnes<G>;

  const auto lane_key = Lane::key(kFoldKey<G, 16>);
  typename Lane::Vector lane;
  const uint8_t* end = data + length;
  if (length < kWidth) {
    lane = Lane::add(Lane::load(data), Lane::from_word(crc));
    data += 16;
  } else {
    auto sum = Wide::add(Wide::load(data), Wide::from_word(crc));
    data += kWidth;
    if (length >= 4 * kWidth) {
      // Four vectors at a time, or every multiplication waits for the one before it.
      const auto key = Wide::key(kFoldKey<G, 4 * kWidth>);
      auto sum1 = Wide::load(data);
      auto sum2 = Wide::load(data + kWidth);
      auto sum3 = Wide::load(data + 2 * kWidth);
      data += 3 * kWidth;
      for (; static_cast<size_t>(end - data) >= 4 * kWidth; data += 4 * kWidth) {
        sum = Wide::fold(sum, key, Wide::load(data));
        sum1 = Wide::fold(sum1, key, Wide::load(data + kWidth));
        sum2 = Wide::fold(sum2, key, Wide::load(data + 2 * kWidth));
        sum3 = Wide::fold(sum3, key, Wide::load(data + 3 * kWidth));
      }
      sum2 = Wide::fold(sum2, Wide::key(kFoldKey<G, kWidth>), sum3);
      sum1 = Wide::fold(sum1, Wide::key(kFoldKey<G, 2 * kWidth>), sum2);
      sum = Wide::fold(sum, Wide::key(kFoldKey<G, 3 * kWidth>), sum1);
    }
    const auto key = Wide::key(kFoldKey<G, kWidth>);
    for (; static_cast<size_t>(end - data) >= kWidth; data += kWidth) {
      sum = Wide::fold(sum, key, Wide::load(data));
    }
    lane = Wide::template to_lane<G>(sum);
  }
  for (; end - data >= 16; data += 16) lane = Lane::fold(lane, lane_key, Lane::load(data));
  if (data != end) {
    // The lane and the last bytes, split anew: as many bytes as are left, then a full lane.
    size_t left = static_cast<size_t>(end - data);
    lane = Lane::fold(Lane::head(lane, left), lane_key, Lane::tail(lane, left, end - 16));
  }
  return after_lane<Lane, G>(lane) ^ kAllOnes<G>;
}

}  // namespace
}  // namespace sluice
