// SPDX-License-Identifier: Apache-2.0
// Adler-32 (RFC 1950) in vectors of any width.
//
// Its value is two sums modulo 65521: a, of the bytes, and b, of a after each byte. Over n bytes
// b grows by n times the old a, and by each byte times its distance from the end. Within a vector
// the distances are constant weights; beyond it they grow by a vector's width for each vector that
// follows, which adding up the sum of the bytes again after each vector counts.
//
// Internal linkage, as in fold.h: each level compiles this for its own CPU.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace sluice {
namespace {

inline constexpr uint64_t kAdlerModulus = 65521;

// As many bytes as the 32-bit sums of all levels hold. AVX-512's `after` fills first: with n blocks
// of b vectors a lane takes up to 4 * 255 * b * n (n + 1) / 2.
inline constexpr size_t kAdlerChunk = size_t{256} << 10;

struct AdlerSums {
  uint64_t bytes;
  uint64_t weighted;  // each byte times its distance from the end
};

// `V` is a vector, its sums and its weights. Its sums of bytes stand in lanes of 32 or 64 bits, as
// it likes; widen() makes them 64 bits.

// Whole blocks of several vectors, with sums of its own for each place in a block: in a single sum
// every addition would wait for the one before it.
template <class V>
inline AdlerSums adler_blocks(const uint8_t* data, size_t length) {
  using Vector = typename V::Vector;
  constexpr size_t kPlaces = V::kBlock;
  Vector bytes[kPlaces];
  Vector weighted[kPlaces / 2];
  for (Vector& sum : bytes) sum = V::zero();
  for (Vector& sum : weighted) sum = V::zero();
  Vector after = V::zero();
  const uint8_t* end = data + length;
  do {
#pragma GCC unroll 4
    for (size_t place = 0; place < kPlaces; place += 2) {
      Vector first = V::load(data);
      Vector second = V::load(data + V::kBytes);
      bytes[place] = V::add_bytes(bytes[place], first);
      bytes[place + 1] = V::add_bytes(bytes[place + 1], second);
      weighted[place / 2] = V::weigh(weighted[place / 2], first, second);
      after = V::add(after, V::add(bytes[place], bytes[place + 1]));
      data += 2 * V::kBytes;
    }
  } while (data != end);

  Vector total_bytes = V::zero();
  Vector within_blocks = V::zero();
  for (const Vector& sum : bytes) {
    within_blocks = V::add(within_blocks, total_bytes);
    total_bytes = V::add(total_bytes, sum);
  }
  Vector blocks = V::widen(V::subtract(after, total_bytes));
  Vector total = V::template shift<std::countr_zero(V::kBytes)>(within_blocks);
  for (const Vector& sum : weighted) total = V::add(total, sum);
  total = V::add_wide(V::widen_weighted(total), V::template shift<std::countr_zero(kPlaces * V::kBytes)>(blocks));
  return {V::total(V::widen(total_bytes)), V::total(total)};
}

// Less than a block. Zeros in front change neither sum, so an odd length is padded there.
template <class V>
inline AdlerSums adler_few(const uint8_t* data, size_t length) {
  using Vector = typename V::Vector;
  Vector bytes = V::zero();
  Vector weighted = V::zero();
  Vector before = V::zero();
  if (size_t odd = length % V::kBytes; odd != 0) {
    Vector vector = V::load_last(data, odd);
    bytes = V::add_bytes(bytes, vector);
    weighted = V::weigh(weighted, vector);
    data += odd;
    length -= odd;
  }
  for (; length != 0; data += V::kBytes, length -= V::kBytes) {
    Vector vector = V::load(data);
    before = V::add(before, bytes);
    bytes = V::add_bytes(bytes, vector);
    weighted = V::weigh(weighted, vector);
  }
  Vector vectors = V::template shift<std::countr_zero(V::kBytes)>(V::widen(before));
  return {V::total(V::widen(bytes)), V::total(V::add_wide(vectors, V::widen_weighted(weighted)))};
}

template <class V>
inline uint64_t adler_vectors(uint64_t value, const uint8_t* data, size_t length) {
  uint64_t a = value & 0xffff;
  uint64_t b = value >> 16;
  auto append = [&](AdlerSums sums, size_t count) {
    b += a * count + sums.weighted;
    a += sums.bytes;
    data += count;
    length -= count;
  };
  while (length != 0) {
    size_t chunk = length < kAdlerChunk ? length : kAdlerChunk;
    size_t few = chunk % (V::kBlock * V::kBytes);
    if (chunk != few) append(adler_blocks<V>(data, chunk - few), chunk - few);
    if (few != 0) append(adler_few<V>(data, few), few);
    a %= kAdlerModulus;
    b %= kAdlerModulus;
  }
  return b << 16 | a;
}

}  // namespace
}  // namespace sluice
