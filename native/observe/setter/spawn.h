// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "native/runtime/result.h"

namespace sluice {

// Starts a program with a socket as its standard input, and with CAP_DAC_OVERRIDE if this thread holds it. It gets no
// environment, and no signal but those that nobody can block: ^C is for this process, which ends it.
Result<pid_t> spawn_setter(const std::string& program, const std::vector<std::string>& arguments, int socket);

}  // namespace sluice
