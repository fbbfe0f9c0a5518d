// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/types.h>

#include <cstdint>
#include <string>

#include "bpf/reduce/state.h"

namespace sluice {

// What reduces bytes to values.
enum class Backend : uint8_t {
  userspace = SLUICE_BACKEND_USERSPACE,  // SIMD over a copy in memory of ours
  bpf = SLUICE_BACKEND_BPF,              // programs of the pipe tap, over pages where they lie
};

// Where a sum begins.
struct Engine {
  Backend backend = Backend::userspace;
  bool fallback = false;  // user space goes on where that backend can't
};

inline const char* name_of(Backend backend) { return backend == Backend::bpf ? "bpf" : "userspace"; }
inline Backend backend_of(const std::string& name) { return name == "bpf" ? Backend::bpf : Backend::userspace; }

}  // namespace sluice
