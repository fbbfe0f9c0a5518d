// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include "native/runtime/failure.h"

namespace sluice {

// {failure, errno, detail}
Napi::Object failure_to(Napi::Env env, const Failure& from);

}  // namespace sluice
