// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#include "native/reduce/crc/polynomial.h"
#include "native/reduce/levels.h"
#include "native/reduce/target.h"

SLUICE_TARGET_BEGIN("sse4.2,pclmul")

#include "native/reduce/crc/fold.h"
#include "native/reduce/crc/lane_x86.h"

namespace sluice::sse4 {

uint64_t crc32(uint64_t value, const uint8_t* data, size_t length) {
  return fold<LaneX86, LaneX86, kCrc32Generator>(value, data, length);
}

uint64_t crc32c(uint64_t value, const uint8_t* data, size_t length) {
  return fold<LaneX86, LaneX86, kCrc32cGenerator>(value, data, length);
}

uint64_t crc64nvme(uint64_t value, const uint8_t* data, size_t length) {
  return fold<LaneX86, LaneX86, kCrc64NvmeGenerator>(value, data, length);
}

}  // namespace sluice::sse4

SLUICE_TARGET_END

#endif
