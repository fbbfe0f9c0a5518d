// SPDX-License-Identifier: Apache-2.0
#include "native/file/attributes.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "native/file/place.h"
#include "native/runtime/unique_fd.h"
#include "native/system/refused_call.h"

namespace sluice {
namespace {

constexpr mode_t kPermissions = 07777;

Result<> set_all(int file, const Attributes& attributes) {
  for (const auto& [name, value] : attributes) {
    if (fsetxattr(file, name.c_str(), value.data(), value.size(), 0) != 0) return attribute_failure("fsetxattr", name);
  }
  return {};
}

bool is_among(const std::vector<std::string>& except, std::string_view name) {
  return std::ranges::any_of(
      except, [&](const std::string& each) { return each.ends_with('.') ? name.starts_with(each) : name == each; });
}

}  // namespace

Failure attribute_failure(const char* call, std::string name) {
  Failure failure = system_failure(errno, call, Subject::attribute);
  failure.detail = std::move(name);
  return failure;
}

Result<> set_attributes(int file, const Attributes& attributes) {
  Result<> set = set_all(file, attributes);
  if (set || set.failure().error != EACCES) return set;
  // The descriptor is open for writing, but who may set user attributes is for the mode to say.
  struct stat before{};
  if (fstat(file, &before) != 0 || fchmod(file, (before.st_mode & kPermissions) | S_IWUSR) != 0) return set;
  set = set_all(file, attributes);
  if (fchmod(file, before.st_mode & kPermissions) != 0 && set) return system_failure(errno, "fchmod");
  return set;
}

Result<Attributes> user_attributes(int folder, const std::string& name, const std::vector<std::string>& except) {
  Attributes found;
  // O_NONBLOCK: the opening of a FIFO would wait for its writer.
  const UniqueFd file(openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file && errno == ENOENT) return found;
  if (!file) return place_failure(errno, "open");
  // As much as a list or a value can have (XATTR_LIST_MAX, XATTR_SIZE_MAX of linux/limits.h).
  std::vector<char> names(XATTR_LIST_MAX);
  std::vector<uint8_t> value(XATTR_SIZE_MAX);
  const ssize_t length = flistxattr(file.get(), names.data(), names.size());
  if (length < 0) {
    // A filter may answer as a file system does that keeps none.
    if (errno == EOPNOTSUPP && refusal_of("flistxattr") == 0) return found;
    return attribute_failure("flistxattr", "list");
  }
  for (const char* at = names.data(); at < names.data() + length; at += strlen(at) + 1) {
    if (!std::string_view(at).starts_with("user.") || is_among(except, at)) continue;
    const ssize_t size = fgetxattr(file.get(), at, value.data(), value.size());
    if (size < 0 && errno == ENODATA) continue;
    if (size < 0) return attribute_failure("fgetxattr", at);
    found.emplace_back(at, std::vector<uint8_t>(value.begin(), value.begin() + size));
  }
  return found;
}

}  // namespace sluice
