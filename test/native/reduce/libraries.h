// SPDX-License-Identifier: Apache-2.0
// Other implementations, as far as the build found them, with our convention for values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "native/reduce/reduction.h"

#if defined(HAVE_ZLIB)
#include <zlib.h>
#endif
#if defined(HAVE_LIBDEFLATE)
#include <libdeflate.h>
#endif
#if defined(HAVE_ISAL)
#include <isa-l/crc.h>
#endif

struct Library {
  const char* name;
  sluice::Algorithm algorithm;
  uint64_t (*update)(uint64_t value, const uint8_t* data, size_t length);
};

inline std::vector<Library> libraries() {
  using sluice::Algorithm;
  return {
#if defined(HAVE_ZLIB)
      {"zlib", Algorithm::adler32,
       [](uint64_t value, const uint8_t* data, size_t length) -> uint64_t { return adler32_z(value, data, length); }},
      {"zlib", Algorithm::crc32,
       [](uint64_t value, const uint8_t* data, size_t length) -> uint64_t { return crc32_z(value, data, length); }},
#endif
#if defined(HAVE_LIBDEFLATE)
      {"libdeflate", Algorithm::adler32,
       [](uint64_t value, const uint8_t* data, size_t length) -> uint64_t {
         return libdeflate_adler32(static_cast<uint32_t>(value), data, length);
       }},
      {"libdeflate", Algorithm::crc32,
       [](uint64_t value, const uint8_t* data, size_t length) -> uint64_t {
         return libdeflate_crc32(static_cast<uint32_t>(value), data, length);
       }},
#endif
#if defined(HAVE_ISAL)
      {"isa-l", Algorithm::crc32,
       [](uint64_t value, const uint8_t* data, size_t length) -> uint64_t {
         return crc32_gzip_refl(static_cast<uint32_t>(value), data, length);
       }},
      // Its int length and its inverted values are its own.
      {"isa-l", Algorithm::crc32c,
       [](uint64_t value, const uint8_t* data, size_t length) -> uint64_t {
         return static_cast<uint32_t>(
             ~crc32_iscsi(const_cast<uint8_t*>(data), static_cast<int>(length), static_cast<uint32_t>(~value)));
       }},
#endif
  };
}
