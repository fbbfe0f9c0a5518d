// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace sluice {

// observe(settings, told) -> Observation | failure: lib/native/observe.ts says what goes in and out.
void register_observe(Napi::Env env, Napi::Object exports);

}  // namespace sluice
