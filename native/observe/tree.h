// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bpf/observe.h"
#include "native/observe/handle.h"
#include "native/runtime/result.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// The folders that are observed, and what lies in them. They keep their file systems from being unmounted.
class Tree {
 public:
  struct Root {
    std::string path;  // as it was given
    UniqueFd folder;
    dev_t dev;
    ino_t ino;
    uint32_t file_system;
  };

  struct FileSystem {
    uint64_t fsid;
    int mount;  // an open folder of it
    dev_t dev;
    bool leases_tell;          // a lease proves that nobody writes
    int64_t type;              // as statfs(2) tells it
    bool fine_stamps = false;  // each change is known to move its file's time stamps
  };

  // `not_observable` where inodes can't be opened by their handles, and, unless `shared`, where other machines may
  // change files, too.
  Result<> add(std::string path, bool shared);

  void close() {
    for (Root& root : roots_) root.folder.reset();
  }

  // Other folders, or the same in another order, have another.
  uint64_t number() const;
  const std::vector<Root>& roots() const { return roots_; }
  size_t file_systems() const { return file_systems_.size(); }
  const FileSystem& file_system(uint32_t index) const { return file_systems_[index]; }
  void trust_stamps(uint32_t index) { file_systems_[index].fine_stamps = true; }
  std::optional<uint32_t> file_system_of(uint64_t fsid) const;
  // What the programs know by its numbers.
  std::optional<FileId> id_of(const sluice_observe_file& file) const;

  // The path of a folder that lies in the tree, beginning as its root was given; none if it lies elsewhere, or is gone.
  const std::optional<std::string>& path_of(const FileId& folder);
  std::optional<std::string> path_of_folder(int fd) const;
  // Whether an open folder is one of the roots, or lies in one. May be called on another thread.
  Result<bool> contains(int fd) const;
  // The path of an open file, beginning as a root was given if it has that name there.
  std::string path_of_file(int fd) const;
  // A folder of the tree in which an open file has a name, by way of /proc, and the file's path; none where /proc does
  // not know one, or it lies elsewhere.
  struct Place {
    UniqueFd folder;
    std::string path;
  };
  std::optional<Place> place_of(int fd) const;
  // Some folder was moved: what lay in the tree may not any more.
  void forget() { known_.clear(); }

  // How a file is opened to be read. A lease is not waited for, nor for the other end of a FIFO.
  static constexpr int kToRead = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY;

  // An inode as the mount has it. O_PATH does nothing to a device or FIFO, and breaks no lease.
  // None, and errno, where that does not work.
  UniqueFd open(const FileId& id, int flags) const { return noted(open_unnoted(id, flags)); }
  // On another thread.
  UniqueFd open_unnoted(const FileId& id, int flags) const {
    return id.handle.open(file_systems_[id.file_system].mount, flags);
  }
  // Whether descriptors or memory were short since this was asked last: what seemed to be gone, or elsewhere, may not
  // be.
  bool take_shortage() { return std::exchange(short_, false); }

 private:
  std::optional<std::string> find(const FileId& folder) const;
  // The root that an open folder is, or lies in; null if it lies elsewhere.
  Result<const Root*> root_of(int fd) const;
  // What was to be opened.
  UniqueFd noted(UniqueFd opened) const;

  std::vector<Root> roots_;
  std::vector<FileSystem> file_systems_;
  std::unordered_map<FileId, std::optional<std::string>, FileIdHash> known_;
  mutable bool short_ = false;
};

std::string path_in(const std::string& folder, const std::string& name);
// Where an open file is now, by way of /proc; nothing where that does not tell.
std::string path_behind(int fd);

}  // namespace sluice
