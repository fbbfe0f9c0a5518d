// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace sluice {

// checksum(request, callback) -> Job: lib/native/ says what goes in and out.
void register_checksum(Napi::Env env, Napi::Object exports);

}  // namespace sluice
