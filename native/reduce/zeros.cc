// SPDX-License-Identifier: Apache-2.0
#include "native/reduce/zeros.h"

namespace sluice {

uint64_t value_of_zeros(const Reduction& reduction, uint64_t length) {
  const uint8_t zero = 0;
  uint64_t value = reduction.init;
  uint64_t power = reduction.update(reduction.init, &zero, 1);  // of `bytes` zeros
  for (uint64_t bytes = 1; length > 0; bytes *= 2, length /= 2) {
    if (length % 2 == 1) value = reduction.combine(value, power, bytes);
    power = reduction.combine(power, power, bytes);
  }
  return value;
}

}  // namespace sluice
