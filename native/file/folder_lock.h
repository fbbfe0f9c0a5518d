// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/runtime/result.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

enum class Share : uint8_t {
  many,   // for what replaces any file in one step: it may do so beside others
  alone,  // for a look and the change that rests on it
};

// The lock of a folder (flock) for changes of its names, held until this is gone.
//
// The kernel has no "remove, or replace, if it is still that file". So one who looks first holds the lock of the folder
// alone, and all who put a file in another one's place hold it too: between the look and the change only programs that
// do not know of the lock can come.
class FolderLock {
 public:
  // Any descriptor of the folder will do. `busy` if others have kept it locked for two milliseconds: anyone who may
  // read a folder can lock it, for as long as he likes, and must not hold a thread of ours by it. JavaScript waits and
  // tries again (lib/files/staging/patience.ts). Those who share it go on without it at their last try: who kept it so
  // long does not look and change, which takes moments. So they do where there are no locks, or the folder may not be
  // read.
  Result<> take(int folder, Share share, bool last_try = false);

 private:
  UniqueFd folder_;
};

// Locks an open folder for its descriptor. `busy`: others keep it locked.
Result<> lock_folder(int folder, Share share);

}  // namespace sluice
