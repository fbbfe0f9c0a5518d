// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "native/file/attributes.h"
#include "native/observe/report.h"

namespace sluice {

// Of some attributes, those that an open file has.
Result<Attributes> attributes_of(int fd, const std::vector<std::string>& names);

// Whether a file that is open with O_PATH has one of them.
bool carries_any(int path, const std::vector<std::string>& names);

// Device, inode number and generation, for a report.
void name_inode(int fd, Report& report);

}  // namespace sluice
