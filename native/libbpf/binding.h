// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace sluice {

// lib/native/libbpf.ts declares what this adds.
void register_libbpf(Napi::Env env, Napi::Object exports);

}  // namespace sluice
