// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "native/runtime/result.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// What has a name in a folder, a symbolic link too. The failure's error is ENOENT where nothing has.
Result<struct stat> look_at(int folder, const std::string& name);

// Opens what `path` leads to: through symbolic links if need be; beneath `root`, unless that is empty, and then neither
// through them nor out of it. One at its end is not followed: `not_a_file`. A slash at the end leads to a folder.
Result<UniqueFd> open_beneath(const std::string& root, const std::string& path, int flags);

// A name in a folder. Everything is done relative to the folder's descriptor: what happens to the path after that
// does not matter.
struct Place {
  UniqueFd folder;  // O_PATH
  std::string name;

  // `path` leads there, as in open_beneath. Names that files have while they are being stored are nobody else's.
  static Result<Place> open(const std::string& root, const std::string& path);

  Result<struct stat> look() const { return look_at(folder.get(), name); }
};

// Which file, and in what state. Renaming moves ctime, so what tells that nobody wrote to it is size and mtime.
struct Identity {
  uint64_t dev, ino, size;
  int64_t mtime_ns;
};

int64_t mtime_ns(const struct stat& stat);
Identity identity_of(const struct stat& stat);

bool same_file(const struct stat& a, const struct stat& b);

// Whether it is that file, and nobody has written to it. A folder is the same one whatever is in it by now.
bool is_still(const struct stat& now, const Identity& then);

// Whether a renameat2 failed because of its flags: not every file system has them (NFS, many in user space), and a
// filter may refuse the call.
bool lacks_rename_flags(int error);

// The failure of a system call on what is in a folder.
inline Failure place_failure(int error, const char* call) { return system_failure(error, call, Subject::place); }

}  // namespace sluice
