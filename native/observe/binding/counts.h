// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include "native/observe/report.h"

namespace sluice {

// Why a value was got as it was; empty where its origin needs no reason.
const char* reason_of(const Report& report);
Napi::Object counts_to(Napi::Env env, const ObserveCounts& from);

}  // namespace sluice
