// SPDX-License-Identifier: Apache-2.0
#include "native/file/place.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "native/file/temporary_name.h"
#include "native/system/refused_call.h"

namespace sluice {
namespace {

constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;

// Folder by folder. Nothing leads up: a path with `..` does not come here.
UniqueFd open_step_by_step(int root, const std::string& path) {
  UniqueFd here(openat(root, ".", kFolderFlags));
  for (size_t at = 0; here && at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string name = path.substr(at, end - at);
    at = end + 1;
    if (name == "..") {
      errno = EXDEV;
      return {};
    }
    if (name.empty()) continue;
    UniqueFd next(openat(here.get(), name.c_str(), kFolderFlags | O_NOFOLLOW));
    struct stat stat{};
    // What is no folder may be a link to one.
    if (!next && errno == ENOTDIR && fstatat(here.get(), name.c_str(), &stat, AT_SYMLINK_NOFOLLOW) == 0)
      errno = S_ISLNK(stat.st_mode) ? ELOOP : ENOTDIR;
    here = std::move(next);
  }
  return here;
}

UniqueFd open_beneath(int root, const std::string& path) {
  open_how how{};
  how.flags = kFolderFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  UniqueFd folder(static_cast<int>(syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
  // The filters of older container runtimes do not know it.
  if (!folder && refuser_of("openat2", errno) != Refuser::nobody) return open_step_by_step(root, path);
  return folder;
}

}  // namespace

bool lacks_rename_flags(int error) {
  return error == EINVAL || error == ENOSYS || refuser_of("renameat2", error) != Refuser::nobody;
}

Result<Place> Place::open(const std::string& root, const std::string& path) {
  const size_t slash = path.rfind('/');
  Place place{.name = slash == std::string::npos ? path : path.substr(slash + 1)};
  const std::string above = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (place.name.empty() || place.name == "." || place.name == "..")
    return Failure{FailureKind::is_directory, EISDIR, "the name"};
  if (is_temporary_name(place.name)) return Failure{FailureKind::reserved, 0, "the name"};
  if (root.empty()) {
    place.folder.reset(::open(above.c_str(), kFolderFlags));
  } else {
    const UniqueFd top(::open(root.c_str(), kFolderFlags));
    // Of a missing root no client is the cause.
    if (!top && errno == ENOENT) return Failure{FailureKind::io, 0, "the root does not exist"};
    if (!top) return place_failure(errno, "open");
    place.folder = open_beneath(top.get(), above);
  }
  if (!place.folder) return place_failure(errno, "open");
  return place;
}

Result<struct stat> look_at(int folder, const std::string& name) {
  struct stat found{};
  if (fstatat(folder, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return place_failure(errno, "fstatat");
  return found;
}

int64_t mtime_ns(const struct stat& stat) {
  return static_cast<int64_t>(stat.st_mtim.tv_sec) * 1'000'000'000 + stat.st_mtim.tv_nsec;
}

Identity identity_of(const struct stat& stat) {
  return {stat.st_dev, stat.st_ino, static_cast<uint64_t>(stat.st_size), mtime_ns(stat)};
}

bool same_file(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

bool is_still(const struct stat& now, const Identity& then) {
  const Identity found = identity_of(now);
  if (found.dev != then.dev || found.ino != then.ino) return false;
  return S_ISDIR(now.st_mode) || (found.size == then.size && found.mtime_ns == then.mtime_ns);
}

}  // namespace sluice
