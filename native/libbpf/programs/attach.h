// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <string>

#include "native/libbpf/programs/link.h"

namespace sluice {

// Attaches `program` to the kind of hook that lib/libbpf/link/ names. An empty attachment: refused, see errno.
Attachment attach(const std::string& kind, bpf_program* program, const Napi::Object& options);

}  // namespace sluice
