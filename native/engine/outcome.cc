// SPDX-License-Identifier: Apache-2.0
#include "native/engine/outcome.h"

#include <algorithm>

namespace sluice {

void Outcome::add(const Reducer& part, uint64_t begin) {
  if (bytes == 0) {
    values = part.values();
    backend = &part.backend();
  } else {
    for (const Reduction& each : reductions()) {
      uint64_t& value = (*values)[static_cast<size_t>(each.algorithm)];
      value = each.combine(value, part.values()[static_cast<size_t>(each.algorithm)], part.bytes());
    }
    backend = std::max(backend, &part.backend());
  }
  bytes += part.bytes();
  if (fallback_reason.empty() && !part.reason().empty()) {
    fallback_reason = part.reason();
    fallback_offset = begin + part.left_after();
  }
}

}  // namespace sluice
