// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include "native/engine/outcome.h"

namespace sluice {

// {failure, errno, detail}
Napi::Object failure_to(Napi::Env env, const Failure& from);

// The failure, or {values: {adler32: 1n, ...}}, of those algorithms; and bytes, kernel, fallbackReason,
// fallbackOffset, durationNs.
Napi::Object outcome_to(Napi::Env env, const Outcome& from, uint32_t algorithms);

// checksum(request, callback) -> Job: lib/native.ts says what goes in and out.
void register_checksum(Napi::Env env, Napi::Object exports);

}  // namespace sluice
