// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <string>

namespace sluice {

// What libbpf opens for a moment while it tries what the kernel can do, with some to spare.
constexpr size_t kTrialDescriptors = 8;

// Throws the refusal of `what` unless that many descriptors can be had. libbpf takes a shortage for something that the
// kernel can't do, and remembers it for the life of the process: so this comes before whatever lets it try.
void expect_room(Napi::Env env, const std::string& what, size_t descriptors = kTrialDescriptors);

}  // namespace sluice
