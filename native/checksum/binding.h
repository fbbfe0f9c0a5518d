// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include "native/checksum/extent.h"

namespace sluice {

// {adler32: 1n, ...}, of those algorithms.
Napi::Object values_to(Napi::Env env, const Values& from, uint32_t algorithms);

// checksum(request, callback) -> Job: lib/native.ts says what goes in and out.
void register_checksum(Napi::Env env, Napi::Object exports);

}  // namespace sluice
