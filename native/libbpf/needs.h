// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/libbpf.h>

#include <set>
#include <string>

namespace sluice {

// The capabilities that the kernel may ask for, by their names. CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON.
using Needs = std::set<std::string>;

Needs needs_of_map(bpf_map_type type);
// Of the maps to be made and the programs to be loaded.
Needs needs_of_load(const bpf_object* object);
Needs needs_of_attachment(bpf_prog_type type);

}  // namespace sluice
