// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace sluice {

// probeProgramTypes, probeHooks: lib/native/ says what goes in and out.
void register_probe(Napi::Env env, Napi::Object exports);

}  // namespace sluice
