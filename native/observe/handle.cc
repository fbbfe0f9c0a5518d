// SPDX-License-Identifier: Apache-2.0
#include "native/observe/handle.h"

#include <fcntl.h>
#include <linux/magic.h>

#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <utility>

namespace sluice {

FileHandle::FileHandle(const file_handle& from)
    : bytes_(reinterpret_cast<const char*>(&from), sizeof(file_handle) + from.handle_bytes) {}

std::optional<FileHandle> FileHandle::front(std::string_view bytes) {
  file_handle header;
  if (bytes.size() < sizeof(header)) return std::nullopt;
  memcpy(&header, bytes.data(), sizeof(header));
  if (header.handle_bytes > MAX_HANDLE_SZ || header.handle_bytes > bytes.size() - sizeof(header)) return std::nullopt;
  FileHandle made;
  made.bytes_ = bytes.substr(0, sizeof(header) + header.handle_bytes);
  return made;
}

Result<FileHandle> FileHandle::of(int fd) {
  alignas(file_handle) char space[sizeof(file_handle) + MAX_HANDLE_SZ]{};
  auto* handle = reinterpret_cast<file_handle*>(space);
  handle->handle_bytes = MAX_HANDLE_SZ;
  int mount;
  if (name_to_handle_at(fd, "", handle, &mount, AT_EMPTY_PATH) != 0) return system_failure(errno, "name_to_handle_at");
  return FileHandle(*handle);
}

FileHandle FileHandle::of(int64_t file_system, uint64_t ino, uint32_t generation) {
  constexpr int kInoGeneration = 1;  // FILEID_INO32_GEN of linux/exportfs.h
  constexpr int kLongIno = 0x80;     // XFS_FILEID_TYPE_64FLAG
  const auto low = static_cast<uint32_t>(ino), high = static_cast<uint32_t>(ino >> 32);
  const auto make = [](int type, std::initializer_list<uint32_t> words) {
    alignas(file_handle) char space[sizeof(file_handle) + MAX_HANDLE_SZ]{};
    auto* handle = reinterpret_cast<file_handle*>(space);
    handle->handle_bytes = words.size() * sizeof(uint32_t);
    handle->handle_type = type;
    memcpy(handle->f_handle, words.begin(), handle->handle_bytes);
    return FileHandle(*handle);
  };
  if (file_system == XFS_SUPER_MAGIC) return make(kInoGeneration | kLongIno, {low, high, generation});
  if (file_system == TMPFS_MAGIC) return make(kInoGeneration, {generation, low, high});
  return make(kInoGeneration, {low, generation});
}

std::optional<FileHandle> FileHandle::from_bytes(std::string bytes) {
  file_handle head{};
  if (bytes.size() < sizeof(head)) return std::nullopt;
  memcpy(&head, bytes.data(), sizeof(head));
  if (bytes.size() != sizeof(head) + head.handle_bytes) return std::nullopt;
  FileHandle made;
  made.bytes_ = std::move(bytes);
  return made;
}

uint64_t number_of(uint64_t so_far, const void* bytes, size_t length) {
  for (const auto* at = static_cast<const uint8_t*>(bytes); length > 0; ++at, --length)
    so_far = (so_far ^ *at) * 0x100000001b3;
  return so_far;
}

UniqueFd FileHandle::open(int mount, int flags) const {
  std::string copy = bytes_;
  return UniqueFd(open_by_handle_at(mount, reinterpret_cast<file_handle*>(copy.data()), flags | O_CLOEXEC));
}

std::string FileId::bytes() const {
  std::string bytes(sizeof(file_system), '\0');
  std::memcpy(bytes.data(), &file_system, sizeof(file_system));
  return bytes + handle.bytes();
}

std::optional<FileId> FileId::from_bytes(std::string_view bytes) {
  FileId id{};
  if (bytes.size() < sizeof(id.file_system)) return std::nullopt;
  std::memcpy(&id.file_system, bytes.data(), sizeof(id.file_system));
  std::optional<FileHandle> handle = FileHandle::from_bytes(std::string(bytes.substr(sizeof(id.file_system))));
  if (!handle) return std::nullopt;
  id.handle = std::move(*handle);
  return id;
}

}  // namespace sluice
