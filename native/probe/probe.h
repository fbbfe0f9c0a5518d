// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sluice {

// Loads an empty program of a type ("syscall", "raw_tracepoint", "tracing", ...). Returns 0 or -errno; -EINVAL also for
// a type this kernel does not know.
int probe_program_type(const std::string& type);

// Attaches an empty program to a hook and takes it off again: kind "raw_tracepoint", "fentry" or "kprobe". 0 or -errno.
int probe_hook(const std::string& kind, const std::string& name);

}  // namespace sluice
