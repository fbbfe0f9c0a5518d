// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "native/runtime/result.h"
#include "native/runtime/unique_fd.h"

struct file_handle;

namespace sluice {

// What a file system calls an inode (open_by_handle_at(2)): a name that stays whatever names it has in folders, and
// that no other inode gets, because it holds the inode's generation.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(const file_handle& from);
  // A struct file_handle at the beginning of some bytes; none where they don't hold a whole one.
  static std::optional<FileHandle> front(std::string_view bytes);
  static Result<FileHandle> of(int fd);
  // As this machine's file systems make it of an inode's numbers; `file_system` is as statfs(2) tells it. On tmpfs an
  // inode can be opened by it only after it was asked for.
  static FileHandle of(int64_t file_system, uint64_t ino, uint32_t generation);

  // A struct file_handle, as long as it is.
  const std::string& bytes() const { return bytes_; }
  // Nothing where they are none.
  static std::optional<FileHandle> from_bytes(std::string bytes);

  // None, and errno, where there is no such inode any more (ESTALE), or it can't be opened so.
  UniqueFd open(int mount, int flags) const;

  bool operator==(const FileHandle&) const = default;
  bool empty() const { return bytes_.empty(); }
  size_t size() const { return bytes_.size(); }
  size_t hash() const { return std::hash<std::string>()(bytes_); }

 private:
  std::string bytes_;
};

// Descriptors or memory are short, which passes: it says nothing of the file that was to be opened.
inline bool is_short(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

// A number of some bytes, going on with that of the ones before. It tells what is torn from what is whole (FNV-1a).
constexpr uint64_t kNumberOfNothing = 0xcbf29ce484222325;
uint64_t number_of(uint64_t so_far, const void* bytes, size_t length);

// An inode of one of the file systems that are observed.
struct FileId {
  uint32_t file_system;
  FileHandle handle;

  bool operator==(const FileId&) const = default;

  // For JavaScript to keep, and to hand back.
  std::string bytes() const;
  static std::optional<FileId> from_bytes(std::string_view bytes);
};

struct FileIdHash {
  size_t operator()(const FileId& id) const { return id.handle.hash() ^ id.file_system; }
};

}  // namespace sluice
