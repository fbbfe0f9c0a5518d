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

UniqueFd open_folder_beneath(int root, const std::string& path) {
  open_how how{};
  how.flags = kFolderFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  UniqueFd folder(static_cast<int>(syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
  // The filters of older container runtimes do not know it, and of a path that has PATH_MAX bytes in all it may still
  // be that no name is too long.
  if (!folder && (errno == ENAMETOOLONG || refuser_of("openat2", errno) != Refuser::nobody))
    return open_step_by_step(root, path);
  return folder;
}

// O_PATH. No root is "": then symbolic links are followed.
Result<UniqueFd> open_folder(const std::string& root, const std::string& path) {
  UniqueFd folder;
  if (root.empty()) {
    folder.reset(open(path.c_str(), kFolderFlags));
  } else {
    const UniqueFd top(open(root.c_str(), kFolderFlags));
    // No client is the cause of that.
    if (!top && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENAMETOOLONG))
      return Failure{FailureKind::no_root, errno, "open"};
    if (!top) return place_failure(errno, "open");
    folder = open_folder_beneath(top.get(), path);
  }
  if (!folder) return place_failure(errno, "open");
  return folder;
}

struct Parts {
  std::string above, name;
};

// What is behind the last slash may be nothing.
Parts parts_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {.above = ".", .name = path};
  return {.above = path.substr(0, slash + 1), .name = path.substr(slash + 1)};
}

}  // namespace

bool lacks_rename_flags(int error) {
  return error == EINVAL || error == ENOSYS || refuser_of("renameat2", error) != Refuser::nobody;
}

Result<UniqueFd> open_beneath(const std::string& root, const std::string& path, int flags) {
  const auto [above, name] = parts_of(path);
  if (!root.empty() && name == "..") return place_failure(EXDEV, "open");
  const Result<UniqueFd> folder = open_folder(root, above);
  if (!folder) return folder.failure();
  UniqueFd file(openat(folder->get(), name.empty() ? "." : name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
  if (!file && errno == ELOOP) return Failure{FailureKind::not_a_file, ELOOP, "open"};
  if (!file) return place_failure(errno, "open");
  return file;
}

Result<Place> Place::open(const std::string& root, const std::string& path) {
  auto [above, name] = parts_of(path);
  if (name.empty() || name == "." || name == "..") return Failure{FailureKind::is_directory, EISDIR};
  if (is_temporary_name(name)) return Failure{FailureKind::reserved};
  Result<UniqueFd> folder = open_folder(root, above);
  if (!folder) return folder.failure();
  return Place{.folder = std::move(*folder), .name = std::move(name)};
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
