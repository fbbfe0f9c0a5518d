// SPDX-License-Identifier: Apache-2.0
#include "native/observe/fanotify.h"

#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/statfs.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

// Newer than glibc 2.34's header (Linux 5.17).
#ifndef FAN_REPORT_TARGET_FID
#define FAN_REPORT_TARGET_FID 0x00001000
#endif

namespace sluice {
namespace {

constexpr unsigned kReports =
    FAN_REPORT_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME | FAN_REPORT_TARGET_FID | FAN_CLASS_NOTIF;
// FAN_MODIFY would tell of each write, at 2.8 times the events, and nothing that the close does not tell.
constexpr uint64_t kEvents = FAN_CLOSE_WRITE | FAN_MOVED_TO | FAN_ONDIR;

uint64_t number_of(const int (&values)[2]) {
  return static_cast<uint64_t>(static_cast<uint32_t>(values[0])) << 32 | static_cast<uint32_t>(values[1]);
}

// The record at the beginning of some bytes, which need not be aligned for it. False where they don't hold one.
template <typename Record>
bool front(std::string_view bytes, Record& record) {
  if (bytes.size() < sizeof(Record)) return false;
  memcpy(&record, bytes.data(), sizeof(Record));
  return true;
}

// The bytes of a record by the length that it says it has; none where it can't have that.
template <typename Record, typename Length>
std::optional<std::string_view> take_front(std::string_view& bytes, Length Record::* length) {
  Record record;
  if (!front(bytes, record) || record.*length < sizeof(record) || record.*length > bytes.size()) return std::nullopt;
  const std::string_view taken = bytes.substr(0, record.*length);
  bytes.remove_prefix(taken.size());
  return taken;
}

// False where it does not hold what it has to.
bool take_info(std::string_view bytes, FanotifyEvent& event) {
  fanotify_event_info_header header;
  if (!front(bytes, header)) return false;
  const auto type = header.info_type;
  if (type != FAN_EVENT_INFO_TYPE_FID && type != FAN_EVENT_INFO_TYPE_DFID_NAME) return true;
  fanotify_event_info_fid info;
  if (!front(bytes, info)) return false;
  bytes.remove_prefix(sizeof(info));
  std::optional<FileHandle> handle = FileHandle::front(bytes);
  if (!handle) return false;
  bytes.remove_prefix(handle->size());
  event.fsid = number_of(info.fsid.val);
  if (type == FAN_EVENT_INFO_TYPE_FID) {
    event.file = std::move(*handle);
    return true;
  }
  event.folder = std::move(*handle);
  event.name = bytes.substr(0, bytes.find('\0'));
  return event.name.size() < bytes.size();
}

std::optional<FanotifyEvent> event_of(std::string_view bytes) {
  fanotify_event_metadata data;
  if (!front(bytes, data) || data.vers != FANOTIFY_METADATA_VERSION || data.metadata_len < sizeof(data) ||
      data.metadata_len > bytes.size())
    return std::nullopt;
  bytes.remove_prefix(data.metadata_len);
  FanotifyEvent event{.mask = data.mask, .pid = data.pid};
  while (!bytes.empty()) {
    const auto info = take_front(bytes, &fanotify_event_info_header::len);
    if (!info || !take_info(*info, event)) return std::nullopt;
  }
  if (event.file.empty() && !event.overflow()) return std::nullopt;
  return event;
}

}  // namespace

bool FanotifyEvent::overflow() const { return mask & FAN_Q_OVERFLOW; }
bool FanotifyEvent::of_folder() const { return mask & FAN_ONDIR; }
bool FanotifyEvent::closed() const { return mask & FAN_CLOSE_WRITE; }
bool FanotifyEvent::renamed() const { return mask & FAN_MOVED_TO; }

void take_events(std::string_view bytes, const std::function<void(const FanotifyEvent&)>& take) {
  const FanotifyEvent dropped{.mask = FAN_Q_OVERFLOW};
  while (!bytes.empty()) {
    const auto record = take_front(bytes, &fanotify_event_metadata::event_len);
    if (!record) return take(dropped);
    const std::optional<FanotifyEvent> event = event_of(*record);
    take(event ? *event : dropped);
  }
}

Result<uint64_t> fsid_of(int fd) {
  struct statfs told{};
  if (fstatfs(fd, &told) != 0) return system_failure(errno, "fstatfs");
  return number_of(told.f_fsid.__val);
}

Result<Fanotify> Fanotify::create() {
  Fanotify made;
  // Its queue has a limit (fs.fanotify.max_queued_events): what is dropped is looked for, and no burst takes the
  // kernel's memory.
  made.fd_.reset(fanotify_init(kReports | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY));
  if (!made.fd_) return system_failure(errno, "fanotify_init");
  return made;
}

Result<> Fanotify::mark(int folder) {
  if (fanotify_mark(fd(), FAN_MARK_ADD | FAN_MARK_FILESYSTEM, kEvents, folder, nullptr) != 0)
    return system_failure(errno, "fanotify_mark");
  return {};
}

bool Fanotify::read(const std::function<void(const FanotifyEvent&)>& take) {
  char buffer[32 << 10];
  const ssize_t length = ::read(fd(), buffer, sizeof(buffer));
  if (length <= 0) return false;
  take_events({buffer, static_cast<size_t>(length)}, take);
  return true;
}

}  // namespace sluice
