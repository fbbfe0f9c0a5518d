// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace sluice {

// learnPageAddress, installPipeTap, checkPipeTap, pipeTapInstalled: lib/native/ says what goes in and out.
void register_tap(Napi::Env env, Napi::Object exports);

}  // namespace sluice
