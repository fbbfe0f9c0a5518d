// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <memory>

#include "native/runtime/unique_fd.h"

namespace sluice {

// A descriptor for JavaScript, [handle, number]: closed by closeFile(handle), or with the handle.
Napi::Value descriptor_to(Napi::Env env, const std::shared_ptr<UniqueFd>& file);

// nextData, openFile, openBeneath, closeFile, setTimes, isGenerated, dropFromPageCache, residentBytes: lib/native/ says
// what goes in and out.
void register_file(Napi::Env env, Napi::Object exports);

}  // namespace sluice
