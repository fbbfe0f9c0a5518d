// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace sluice {

// listAttributes, getAttribute, setAttribute, removeAttribute: lib/native/ says what goes in and out.
void register_xattr(Napi::Env env, Napi::Object exports);

}  // namespace sluice
