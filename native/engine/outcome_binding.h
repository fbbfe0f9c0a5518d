// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include "native/engine/outcome.h"
#include "native/engine/sums.h"

namespace sluice {

// From {backend, backendFrom, fallback}. Throws a RangeError where there is no such backend.
BackendChoice backend_choice_of(const Napi::Object& request);

// The failure, or {values: {adler32: 1n, ...}}, of those algorithms; and bytes, backend, fallbackReason,
// fallbackOffset, durationNs.
Napi::Object outcome_to(Napi::Env env, const Outcome& from, uint32_t algorithms);

// Values by algorithm, of those in the mask.
Napi::Object values_to(Napi::Env env, const Values& from, uint32_t algorithms);

}  // namespace sluice
