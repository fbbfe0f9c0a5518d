// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace sluice {

void register_system(Napi::Env env, Napi::Object exports);

}  // namespace sluice
