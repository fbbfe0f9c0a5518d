// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "native/runtime/result.h"

namespace sluice {

// Names for staged files that need one before their own: `.sluice-0` to `.sluice-255`, the first that is free.
//
// What a killed process left is found by its name, without reading a folder that may hold millions, and removed when a
// later file looks for a name. Who stages a file holds its lock (flock), which ends with the process; and as the lock
// of another machine may not be seen here (Lustre, file systems in user space), no file is removed within a day of its
// last change.
//
// `take` gives a name to a file. Once it fails for another reason than EEXIST, so does this; else it returns the name.
Result<std::string> take_temporary_name(int folder, const std::function<Result<>(const std::string&)>& take);

// Locks a file that was made under the name. EEXIST: somebody took it for abandoned first.
Result<> hold_temporary_name(int folder, const std::string& name, int file);

// Whether the name in the folder is that of the open file.
bool leads_to(int folder, const std::string& name, int file);

// `.sluice-` and 16 digits: a name that is nobody's, and never taken back.
std::string random_name();

// Whether a name is of one of these kinds, so that what has it could be taken for a staged file. In capitals, too: some
// folders don't tell `.SLUICE-0` from `.sluice-0`.
bool is_temporary_name(const std::string& name);

}  // namespace sluice
