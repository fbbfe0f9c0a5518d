// SPDX-License-Identifier: Apache-2.0
#include "native/staging/place.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "native/staging/temporary_name.h"

namespace sluice {
namespace {

int open_beneath(int root, const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  return static_cast<int>(syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
}

}  // namespace

Failure place_failure(int error, const char* call) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMLINK:
      return {"noSpace", error, call};
    case EXDEV:
    case ELOOP:
      return {"outside", error, call};
    case ENOTEMPTY:
      return {"isDirectory", error, call};
    case ENAMETOOLONG:
      return {"tooLong", error, call};
    case EROFS:
      return {"permission", error, call};
    default:
      return system_failure(error, call);
  }
}

Failure Place::open(const std::string& root, const std::string& path) {
  const size_t slash = path.rfind('/');
  name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::string above = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (name.empty() || name == "." || name == "..") return {"isDirectory", EISDIR, "the name"};
  if (is_temporary_name(name)) return {"reserved", 0, "the name"};
  if (root.empty()) {
    folder.reset(::open(above.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  } else {
    const UniqueFd top(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    // Of a missing root no client is the cause.
    if (!top && errno == ENOENT) return {"io", 0, "the root does not exist"};
    if (!top) return place_failure(errno, "open the root");
    folder.reset(open_beneath(top.get(), above));
  }
  return folder ? Failure{} : place_failure(errno, "open the folder");
}

int Place::look(struct stat& found) const { return fstatat(folder.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW); }

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
