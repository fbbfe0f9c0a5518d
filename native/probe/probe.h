// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "native/libbpf/needs.h"

namespace sluice {

// Loads an empty program of each type ("syscall", "raw_tracepoint", "tracing", ...). Gives 0 or -errno for each;
// -EINVAL also for a type this kernel does not know.
std::vector<int> probe_program_types(const std::vector<std::string>& names);

// What the kernel may ask for before it loads a program of this type.
Needs needs_of_program_type(const std::string& name);

// Kind ("raw_tracepoint", "fentry" or "kprobe") and name.
using Hook = std::pair<std::string, std::string>;

// Attaches an empty program to each hook and takes it off again. Gives 0 or -errno for each.
std::vector<int> probe_hooks(const std::vector<Hook>& hooks);

}  // namespace sluice
