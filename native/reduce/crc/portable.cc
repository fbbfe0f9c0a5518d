// SPDX-License-Identifier: Apache-2.0
// Slicing-by-8 (Kounavis and Berry, 2005): eight table look-ups for eight bytes.
#include <array>
#include <bit>
#include <cstring>

#include "native/reduce/crc/polynomial.h"
#include "native/reduce/levels.h"

namespace sluice::portable {
namespace {

template <class Value>
using Tables = std::array<std::array<Value, 256>, 8>;

// Entry [k][b]: the byte b with k bytes of zeros after it.
template <class Value>
constexpr Tables<Value> make_tables(uint64_t generator) {
  Tables<Value> tables{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    uint64_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = times_x(crc, generator);
    tables[0][byte] = static_cast<Value>(crc);
  }
  for (size_t zeros = 1; zeros < 8; ++zeros) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      uint64_t crc = tables[zeros - 1][byte];
      tables[zeros][byte] = static_cast<Value>((crc >> 8) ^ tables[0][crc & 0xff]);
    }
  }
  return tables;
}

template <class Value, uint64_t generator>
constexpr Tables<Value> kTables = make_tables<Value>(generator);

template <class Value, uint64_t generator>
uint64_t slice(uint64_t value, const uint8_t* data, size_t length) {
  const Tables<Value>& tables = kTables<Value, generator>;
  uint64_t crc = static_cast<Value>(~value);
  for (; length >= 8; data += 8, length -= 8) {
    uint64_t word;
    memcpy(&word, data, 8);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    word ^= crc;
    crc = 0;
    for (int i = 0; i < 8; ++i) crc ^= tables[7 - i][(word >> (8 * i)) & 0xff];
  }
  for (; length != 0; ++data, --length) crc = (crc >> 8) ^ tables[0][(crc ^ *data) & 0xff];
  return static_cast<Value>(~crc);
}

}  // namespace

uint64_t crc32(uint64_t value, const uint8_t* data, size_t length) {
  return slice<uint32_t, kCrc32Generator>(value, data, length);
}

uint64_t crc32c(uint64_t value, const uint8_t* data, size_t length) {
  return slice<uint32_t, kCrc32cGenerator>(value, data, length);
}

uint64_t crc64nvme(uint64_t value, const uint8_t* data, size_t length) {
  return slice<uint64_t, kCrc64NvmeGenerator>(value, data, length);
}

}  // namespace sluice::portable
