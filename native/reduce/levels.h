// SPDX-License-Identifier: Apache-2.0
// The update functions of every SIMD level; reduction.cc picks among them.
#pragma once

#include <cstddef>
#include <cstdint>

#define SLUICE_LEVEL(name)                                                \
  namespace sluice::name {                                                \
  uint64_t adler32(uint64_t value, const uint8_t* data, size_t length);   \
  uint64_t crc32(uint64_t value, const uint8_t* data, size_t length);     \
  uint64_t crc32c(uint64_t value, const uint8_t* data, size_t length);    \
  uint64_t crc64nvme(uint64_t value, const uint8_t* data, size_t length); \
  }

SLUICE_LEVEL(portable)
#if defined(__x86_64__)
SLUICE_LEVEL(sse4)
SLUICE_LEVEL(avx2)
SLUICE_LEVEL(avx512)
#elif defined(__AARCH64EL__)
SLUICE_LEVEL(neon)
#endif

#undef SLUICE_LEVEL
