// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "native/runtime/result.h"

namespace sluice {

// Names and values.
using Attributes = std::vector<std::pair<std::string, std::vector<uint8_t>>>;

// Of a call that failed just now, for the attribute of a name.
Failure attribute_failure(const char* call, std::string name);

// Sets extended attributes of a file that this user has made, whatever mode it has, and leaves it that mode.
Result<> set_attributes(int file, const Attributes& attributes);

// The user attributes of what has a name in a folder: none if nothing has it. Those whose names are in `except` are
// left out, and those that begin with one that ends with a dot.
Result<Attributes> user_attributes(int folder, const std::string& name, const std::vector<std::string>& except);

}  // namespace sluice
