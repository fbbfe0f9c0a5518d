// SPDX-License-Identifier: Apache-2.0
#include "native/observe/tree.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "native/file/file_system.h"
#include "native/file/place.h"
#include "native/observe/fanotify.h"

namespace sluice {
namespace {

// A folder takes some 200 bytes here.
constexpr size_t kMostKnown = 1 << 16;

// The path of what lies in `top` when the way to it begins with `root`.
std::string seen_from(const std::string& root, const std::string& top, const std::string& path) {
  if (!path.starts_with(top)) return path;
  std::string below = path.substr(top.size());
  if (below.starts_with('/')) below.erase(0, 1);
  if (below.empty()) return root;
  return path_in(root, below);
}

}  // namespace

std::string path_in(const std::string& folder, const std::string& name) {
  return folder.ends_with('/') ? folder + name : folder + '/' + name;
}

std::string path_behind(int fd) {
  char target[PATH_MAX];
  const ssize_t length = readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, sizeof(target));
  return length < 0 ? std::string() : std::string(target, static_cast<size_t>(length));
}

Result<> Tree::add(std::string path, bool shared) {
  UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return system_failure(errno, "open");
  struct stat seen{};
  if (fstat(folder.get(), &seen) != 0) return system_failure(errno, "fstat");
  // Where paths come from.
  if (path_behind(folder.get()).empty()) return system_failure(ENOENT, "readlink");
  if (!shared && changes_elsewhere(folder.get()))
    return Failure{.kind = FailureKind::not_observable, .detail = "shared"};
  const Result<uint64_t> fsid = fsid_of(folder.get());
  if (!fsid) return fsid.failure();
  const Result<FileHandle> handle = FileHandle::of(folder.get());
  if (!handle) return Failure{FailureKind::not_observable, handle.failure().error, handle.failure().call};
  if (!handle->open(folder.get(), O_PATH)) {
    const FailureKind kind = errno == EPERM ? FailureKind::system_call : FailureKind::not_observable;
    return Failure{kind, errno, "open_by_handle_at"};
  }
  std::optional<uint32_t> index = file_system_of(*fsid);
  if (!index) {
    index = file_systems_.size();
    file_systems_.push_back(
        {*fsid, folder.get(), seen.st_dev, lease_excludes_writers(folder.get()), file_system_type(folder.get())});
  }
  roots_.push_back({std::move(path), std::move(folder), seen.st_dev, seen.st_ino, *index});
  return {};
}

uint64_t Tree::number() const {
  uint64_t number = kNumberOfNothing;
  for (const Root& root : roots_) {
    const std::string path = path_behind(root.folder.get());
    number = number_of(number, path.c_str(), path.size() + 1);
    if (const Result<FileHandle> handle = FileHandle::of(root.folder.get()))
      number = number_of(number, handle->bytes().data(), handle->bytes().size());
  }
  return number;
}

std::optional<uint32_t> Tree::file_system_of(uint64_t fsid) const {
  const auto found = std::ranges::find(file_systems_, fsid, &FileSystem::fsid);
  if (found == file_systems_.end()) return std::nullopt;
  return static_cast<uint32_t>(found - file_systems_.begin());
}

std::optional<FileId> Tree::id_of(const sluice_observe_file& file) const {
  // As the kernel numbers devices within.
  const dev_t dev = makedev(file.dev >> 20, file.dev & 0xfffff);
  const auto found = std::ranges::find(file_systems_, dev, &FileSystem::dev);
  if (found == file_systems_.end()) return std::nullopt;
  const auto index = static_cast<uint32_t>(found - file_systems_.begin());
  return FileId{index, FileHandle::of(found->type, file.ino, file.generation)};
}

const std::optional<std::string>& Tree::path_of(const FileId& folder) {
  if (const auto found = known_.find(folder); found != known_.end()) return found->second;
  if (known_.size() >= kMostKnown) known_.clear();
  std::optional<std::string> path = find(folder);
  static const std::optional<std::string> kUntold;
  return short_ ? kUntold : known_.emplace(folder, std::move(path)).first->second;
}

UniqueFd Tree::noted(UniqueFd opened) const {
  short_ |= !opened && is_short(errno);
  return opened;
}

std::string Tree::path_of_file(int fd) const {
  const std::string path = path_behind(fd);
  for (const Root& root : roots_) {
    const std::string top = path_behind(root.folder.get());
    if (path.starts_with(top.ends_with('/') ? top : top + '/')) return seen_from(root.path, top, path);
  }
  return path;
}

std::optional<Tree::Place> Tree::place_of(int fd) const {
  const std::string path = path_behind(fd);
  const std::string name = path.substr(path.rfind('/') + 1);
  struct stat seen{}, named{};
  UniqueFd folder(
      noted(UniqueFd(::open(path.substr(0, path.size() - name.size()).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC))));
  if (!folder || fstat(fd, &seen) != 0) return std::nullopt;
  if (fstatat(folder.get(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0 || !same_file(named, seen))
    return std::nullopt;
  const std::optional<std::string> above = path_of_folder(folder.get());
  if (!above) return std::nullopt;
  return Place{std::move(folder), path_in(*above, name)};
}

std::optional<std::string> Tree::find(const FileId& folder) const {
  const UniqueFd start = open(folder, O_PATH | O_DIRECTORY);
  if (!start) return std::nullopt;
  return path_of_folder(start.get());
}

// Goes up from the folder. Its path alone would not tell: a folder that a bind mount does not show has one, too.
Result<const Tree::Root*> Tree::root_of(int fd) const {
  UniqueFd above;
  struct stat seen{}, last{};
  for (int at = fd; fstat(at, &seen) == 0; at = above.get()) {
    for (const Root& root : roots_)
      if (root.dev == seen.st_dev && root.ino == seen.st_ino) return &root;
    if (seen.st_dev == last.st_dev && seen.st_ino == last.st_ino) break;
    last = seen;
    UniqueFd next(openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!next && is_short(errno)) return system_failure(errno, "openat");
    if (!next) break;
    above = std::move(next);
  }
  return nullptr;
}

std::optional<std::string> Tree::path_of_folder(int fd) const {
  const Result<const Root*> root = root_of(fd);
  short_ |= !root;
  if (!root || !*root) return std::nullopt;
  const std::string path = path_behind(fd);
  // It is longer than PATH_MAX. getcwd(2) says this of what no path leads to.
  if (path.empty()) return "(unreachable)";
  return seen_from((*root)->path, path_behind((*root)->folder.get()), path);
}

Result<bool> Tree::contains(int fd) const {
  const Result<const Root*> root = root_of(fd);
  if (!root) return root.failure();
  return *root != nullptr;
}

}  // namespace sluice
