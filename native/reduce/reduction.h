// SPDX-License-Identifier: Apache-2.0
// The user-space reductions: checksums that can be resumed and combined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sluice {

enum class Algorithm : uint8_t { adler32, crc32, crc32c, crc64nvme };

inline constexpr size_t kAlgorithms = 4;

struct Reduction {
  Algorithm algorithm;
  std::string_view name;
  // Width of a value in bits: 32 or 64.
  unsigned bits;
  // The value of zero bytes.
  uint64_t init;
  // The value of the bytes behind `value` followed by `length` more: finished values in and out,
  // as in zlib, so that a sum can be resumed or stored at any point.
  uint64_t (*update)(uint64_t value, const uint8_t* data, size_t length);
  // The value of A followed by B, from the value of each and B's length in bytes.
  uint64_t (*combine)(uint64_t a, uint64_t b, uint64_t length_b);
};

// The fastest implementation this CPU runs, or the one of the level that was forced.
const Reduction& reduction(Algorithm algorithm);

// All of them, in the order of `Algorithm`.
std::span<const Reduction> reductions();

// The SIMD level in use: "avx512", "avx2", "sse4", "neon" or "portable".
std::string_view simd_level();

// The levels this CPU can run, fastest first; "portable" is always the last.
std::span<const std::string_view> simd_levels();

// Uses one level for the whole process, for tests and reports. False, and nothing changes, if the
// level is unknown or this CPU can't run it.
bool force_simd_level(std::string_view level);

}  // namespace sluice
