// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace sluice {

// nextData, setTimes: lib/native.ts says what goes in and out.
void register_file(Napi::Env env, Napi::Object exports);

}  // namespace sluice
