// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace sluice {

// openSource(path or fd, callback): lib/native/ says what comes out.
void register_source(Napi::Env env, Napi::Object exports);

}  // namespace sluice
