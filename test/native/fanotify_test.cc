// SPDX-License-Identifier: Apache-2.0
// What fanotify tells, as the kernel wrote it, cut short, and with bytes changed: nothing is read beyond it. Needs
// CAP_SYS_ADMIN. Usage: fanotify-test [SEED]. Prints `N passed, N failed`.
#include "native/observe/fanotify.h"

#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "guarded_buffer.h"

#ifndef FAN_REPORT_TARGET_FID
#define FAN_REPORT_TARGET_FID 0x00001000
#endif

using namespace sluice;

namespace {

constexpr size_t kMostBytes = 4096;
constexpr int kRounds = 200'000;
Checks checks;

[[noreturn]] void die(const char* what) {
  perror(what);
  exit(1);
}

// A folder in which a file was written, and then renamed, with what the kernel tells of that.
struct Told {
  std::string bytes;
  FileHandle folder, file;
  uint64_t fsid;
};

Told told_by_the_kernel() {
  char path[] = "/tmp/fanotify-test-XXXXXX";
  if (!mkdtemp(path)) die("mkdtemp");
  const UniqueFd folder(open(path, O_RDONLY | O_DIRECTORY));
  const UniqueFd group(fanotify_init(
      FAN_REPORT_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME | FAN_REPORT_TARGET_FID | FAN_CLASS_NOTIF, O_RDONLY));
  if (!group) die("fanotify_init");
  constexpr uint64_t kEvents = FAN_CLOSE_WRITE | FAN_MOVED_TO | FAN_EVENT_ON_CHILD;
  if (fanotify_mark(group.get(), FAN_MARK_ADD, kEvents, folder.get(), nullptr) != 0) die("fanotify_mark");
  UniqueFd file(openat(folder.get(), "first", O_WRONLY | O_CREAT, 0600));
  Told told{.folder = *FileHandle::of(folder.get()), .file = *FileHandle::of(file.get()), .fsid = *fsid_of(file.get())};
  file.reset();
  if (renameat(folder.get(), "first", folder.get(), "renamed") != 0) die("renameat");
  char buffer[kMostBytes];
  const ssize_t length = read(group.get(), buffer, sizeof(buffer));
  if (length <= 0) die("read");
  told.bytes.assign(buffer, static_cast<size_t>(length));
  unlinkat(folder.get(), "renamed", 0);
  rmdir(path);
  return told;
}

std::vector<FanotifyEvent> events_of(const std::string& bytes) {
  static GuardedBuffer buffer(kMostBytes);
  uint8_t* const begin = buffer.end() - bytes.size();
  memcpy(begin, bytes.data(), bytes.size());
  std::vector<FanotifyEvent> events;
  take_events({reinterpret_cast<const char*>(begin), bytes.size()},
              [&](const FanotifyEvent& event) { events.push_back(event); });
  return events;
}

bool overflows(const std::vector<FanotifyEvent>& events) { return events.size() == 1 && events[0].overflow(); }

// Each event tells of a file, or that something was lost, and holds no more than its record could.
void check_sound(const std::string& bytes, const std::string& what) {
  const std::vector<FanotifyEvent> events = events_of(bytes);
  bool sound = !events.empty() && events.size() <= bytes.size() / sizeof(fanotify_event_metadata) + 1;
  for (const FanotifyEvent& event : events) {
    sound = sound && (event.overflow() || !event.file.empty()) && event.name.find('\0') == std::string::npos &&
            event.file.size() + event.folder.size() + event.name.size() <= bytes.size();
  }
  checks.yes(sound, what);
}

template <typename Record>
std::string with(std::string bytes, size_t at, auto Record::* member, auto value) {
  Record record;
  memcpy(&record, &bytes[at], sizeof(record));
  record.*member = value;
  memcpy(&bytes[at], &record, sizeof(record));
  return bytes;
}

void test_whole(const Told& told) {
  const std::vector<FanotifyEvent> events = events_of(told.bytes);
  checks.equal(events.size(), 2, "a close and a rename are two events");
  const char* const names[] = {"first", "renamed"};
  for (size_t i = 0; i < events.size() && i < 2; ++i) {
    const FanotifyEvent& event = events[i];
    checks.yes(event.name == names[i], "an event has the name");
    checks.yes(event.file == told.file && event.folder == told.folder, "an event has the handles");
    checks.yes(event.fsid == told.fsid && event.pid == getpid(), "an event has the file system and the process");
    checks.yes(event.closed() == (i == 0) && !event.overflow() && !event.of_folder(), "an event says what it is");
  }
}

void test_lengths(const Told& told) {
  using Event = fanotify_event_metadata;
  using Info = fanotify_event_info_header;
  const uint32_t whole = told.bytes.size();
  uint32_t length;
  memcpy(&length, told.bytes.data(), sizeof(length));
  const std::string first = told.bytes.substr(0, length);
  for (const uint32_t wrong : {0u, 1u, 23u, whole + 1, 0x7fffffffu, 0xffffffffu})
    checks.yes(overflows(events_of(with(told.bytes, 0, &Event::event_len, wrong))),
               "an event of no such length is lost");
  for (const uint16_t wrong : {uint16_t{0}, uint16_t{23}, static_cast<uint16_t>(length + 1), uint16_t{0xffff}})
    checks.yes(overflows(events_of(with(first, 0, &Event::metadata_len, wrong))), "metadata of no such length is lost");
  for (const uint16_t wrong : {uint16_t{0}, uint16_t{3}, static_cast<uint16_t>(length - 23), uint16_t{0xffff}})
    checks.yes(overflows(events_of(with(first, sizeof(Event), &Info::len, wrong))),
               "a piece of no such length is lost");
  for (const uint32_t wrong : {129u, length, 0x7fffffffu, 0xffffffffu}) {
    const size_t handle = sizeof(Event) + sizeof(fanotify_event_info_fid);
    checks.yes(overflows(events_of(with(first, handle, &file_handle::handle_bytes, wrong))),
               "a handle of no such length is lost");
  }
  checks.yes(overflows(events_of(with(first, 0, &Event::vers, uint8_t{2}))), "another version's event is lost");
  std::string bare = first.substr(0, sizeof(Event));
  bare = with(bare, 0, &Event::event_len, static_cast<uint32_t>(bare.size()));
  checks.yes(overflows(events_of(bare)), "an event without a file is lost");
  const std::vector<FanotifyEvent> rest = events_of(with(told.bytes, 0, &Event::vers, uint8_t{2}));
  checks.yes(rest.size() == 2 && rest[0].overflow() && rest[1].name == "renamed", "what follows a lost event is taken");
}

void test_cut(const Told& told) {
  for (size_t length = 1; length < told.bytes.size(); ++length)
    check_sound(told.bytes.substr(0, length), "cut at " + std::to_string(length));
}

void test_changed(const Told& told, uint32_t seed) {
  for (size_t at = 0; at < told.bytes.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string bytes = told.bytes;
      bytes[at] = static_cast<char>(value);
      check_sound(bytes, std::to_string(value) + " at " + std::to_string(at));
    }
  }
  std::mt19937 random(seed);
  for (int round = 0; round < kRounds; ++round) {
    std::string bytes = told.bytes.substr(0, 1 + random() % told.bytes.size());
    for (uint32_t changes = random() % 6; changes > 0; --changes) {
      const uint32_t value = random();
      bytes[random() % bytes.size()] = static_cast<char>(value % 3 == 0 ? value >> 8 : (value >> 8) % 80);
    }
    check_sound(bytes, "seed " + std::to_string(seed) + ", round " + std::to_string(round));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Told told = told_by_the_kernel();
  test_whole(told);
  test_lengths(told);
  test_cut(told);
  test_changed(told, argc > 1 ? static_cast<uint32_t>(atol(argv[1])) : std::random_device()());
  return checks.finish();
}
