// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace sluice {

// setIdleIoPriority: lib/native/ says what comes out.
void register_io_priority(Napi::Env env, Napi::Object exports);

}  // namespace sluice
