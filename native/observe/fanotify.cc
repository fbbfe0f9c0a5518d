// SPDX-License-Identifier: Apache-2.0
#include "native/observe/fanotify.h"

#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/statfs.h>

#include <cerrno>
#include <cstring>

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

void take_info(const fanotify_event_info_header& header, FanotifyEvent& event) {
  const auto& info = reinterpret_cast<const fanotify_event_info_fid&>(header);
  const auto& handle = *reinterpret_cast<const file_handle*>(info.handle);
  event.fsid = number_of(info.fsid.val);
  if (header.info_type == FAN_EVENT_INFO_TYPE_FID) {
    event.file = FileHandle(handle);
  } else if (header.info_type == FAN_EVENT_INFO_TYPE_DFID_NAME) {
    event.folder = FileHandle(handle);
    event.name = reinterpret_cast<const char*>(handle.f_handle) + handle.handle_bytes;
  }
}

FanotifyEvent event_of(const fanotify_event_metadata& data) {
  FanotifyEvent event{.mask = data.mask, .pid = data.pid};
  const char* const begin = reinterpret_cast<const char*>(&data);
  for (const char* at = begin + data.metadata_len; at < begin + data.event_len;) {
    const auto& header = *reinterpret_cast<const fanotify_event_info_header*>(at);
    take_info(header, event);
    at += header.len;
  }
  return event;
}

}  // namespace

bool FanotifyEvent::overflow() const { return mask & FAN_Q_OVERFLOW; }
bool FanotifyEvent::of_folder() const { return mask & FAN_ONDIR; }
bool FanotifyEvent::closed() const { return mask & FAN_CLOSE_WRITE; }

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
  alignas(fanotify_event_metadata) char buffer[32 << 10];
  ssize_t length = ::read(fd(), buffer, sizeof(buffer));
  if (length <= 0) return false;
  const auto* data = reinterpret_cast<const fanotify_event_metadata*>(buffer);
  for (; FAN_EVENT_OK(data, length); data = FAN_EVENT_NEXT(data, length)) take(event_of(*data));
  return true;
}

}  // namespace sluice
