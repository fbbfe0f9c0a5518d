// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace sluice {

// stage(root, path, mode, callback): lib/native/ says what goes in and out.
void register_staging(Napi::Env env, Napi::Object exports);

}  // namespace sluice
