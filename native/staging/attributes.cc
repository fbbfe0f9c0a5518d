// SPDX-License-Identifier: Apache-2.0
#include "native/staging/attributes.h"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <cerrno>

namespace sluice {
namespace {

constexpr mode_t kPermissions = 07777;

Failure set_all(int file, const Attributes& attributes) {
  for (const auto& [name, value] : attributes) {
    if (fsetxattr(file, name.c_str(), value.data(), value.size(), 0) != 0) return {"attribute", errno, name};
  }
  return {};
}

}  // namespace

Failure set_attributes(int file, const Attributes& attributes) {
  Failure failed = set_all(file, attributes);
  if (failed.error != EACCES) return failed;
  // The descriptor is open for writing, but who may set user attributes is for the mode to say.
  struct stat before{};
  if (fstat(file, &before) != 0 || fchmod(file, (before.st_mode & kPermissions) | S_IWUSR) != 0) return failed;
  failed = set_all(file, attributes);
  if (fchmod(file, before.st_mode & kPermissions) != 0 && !failed) return system_failure(errno, "fchmod");
  return failed;
}

}  // namespace sluice
