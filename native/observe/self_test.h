// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "native/observe/fanotify.h"
#include "native/observe/programs.h"
#include "native/runtime/result.h"

namespace sluice {

// What a file in a folder showed.
struct Sight {
  bool fine_stamps;  // two changes within a tick of the kernel's clock left different time stamps
};

// Makes a file in a folder that is marked, writes, renames, removes and closes it, and looks whether that was seen: by
// fanotify, whose events of other files are for `take`; and by the programs, where there are any.
//
// `unseen` says what was not. Any other failure: the file could not be made, so that nobody knows.
Result<Sight> test_sight(int folder, Fanotify& fanotify, const ObservePrograms* programs,
                         const std::function<void(const FanotifyEvent&)>& take);

}  // namespace sluice
