// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace sluice {

// relay(request, callback) -> Job: lib/native/ says what goes in and out.
void register_relay(Napi::Env env, Napi::Object exports);

}  // namespace sluice
