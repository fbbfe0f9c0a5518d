// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace sluice {

// Who refuses a system call before the kernel has looked at what it is asked for.
enum class Refuser : uint8_t { nobody, seccomp, kernel };

// Whether a seccomp filter looks at this process' system calls.
bool is_filtered();

// The error number that this process gets of a call whatever its arguments are; 0 where the kernel looks at them. What
// a policy says of the arguments, as that of file permissions does, is no such refusal. Leaves errno alone.
int refusal_of(const std::string& call);

// Of a call that failed with `error`.
Refuser refuser_of(const std::string& call, int error);

}  // namespace sluice
