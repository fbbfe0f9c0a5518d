// SPDX-License-Identifier: Apache-2.0
#include "native/observe/self_test.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <string>
#include <utility>

#include "native/file/source_file.h"
#include "native/file/temporary_name.h"
#include "native/observe/handle.h"
#include "native/runtime/clock.h"
#include "native/runtime/unique_fd.h"

namespace sluice {
namespace {

// The kernel may drop an event, or leave out a run of a program, once; not each time.
constexpr int kTries = 3;
// Of changes within a tick.
constexpr int kPairs = 16;
// A queue holds fewer, unless it was made longer. Others fill it, too.
constexpr int kMostBuffers = 4096;

constexpr std::array<char, 4096> kContent{};

struct Sample {
  int folder;
  std::string name = {};
  UniqueFd file = {};

  ~Sample() { remove(); }

  // Under names of ours, which lead nobody to it: it is soon gone.
  Result<> make() {
    std::string first = random_name(), second = random_name();
    constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    file.reset(openat(folder, first.c_str(), kFlags, 0600));
    if (!file) return system_failure(errno, "openat");
    name = std::move(first);
    const ssize_t written = write(file.get(), kContent.data(), kContent.size());
    if (written != static_cast<ssize_t>(kContent.size())) return system_failure(written < 0 ? errno : ENOSPC, "write");
    if (renameat(folder, name.c_str(), folder, second.c_str()) != 0) return system_failure(errno, "renameat");
    name = std::move(second);
    return {};
  }

  void remove() {
    if (!name.empty()) unlinkat(folder, std::exchange(name, {}).c_str(), 0);
  }
};

bool is_noted(const ObserveView& view) {
  if (view.found == SLUICE_FOUND_BUSY) return true;
  if (view.found != SLUICE_FOUND_ENTRY) return false;
  // Where something speaks against the runs the file would be read, which is right, too.
  return view.why != 0 || std::ranges::any_of(view.runs, [](const sluice_observe_run& run) {
           return run.start == 0 && run.end == kContent.size();
         });
}

Failure unseen(const char* what) { return {.kind = FailureKind::unseen, .detail = what}; }

Result<Stamps> change(int file) {
  if (pwrite(file, kContent.data(), 1, 0) != 1) return system_failure(errno, "pwrite");
  return stamps_of(file);
}

// Whether time stamps tell two changes apart within a tick of the kernel's clock, as multigrain ones do (Linux 6.13,
// and not of each file system).
bool are_stamps_fine(int file) {
  // Coarse ones differ by chance, where another file system has just given a fine one.
  int different = 0;
  for (int i = 0; i < kTries * kPairs && different < kPairs; ++i) {
    const int64_t before = clock_ns(CLOCK_REALTIME_COARSE);
    const Result<Stamps> first = change(file), second = change(file);
    if (clock_ns(CLOCK_REALTIME_COARSE) != before) continue;
    if (!first || !second || *first == *second) return false;
    ++different;
  }
  return different == kPairs;
}

Result<Sight> try_sight(int folder, Fanotify& fanotify, const ObservePrograms* programs,
                        const std::function<void(const FanotifyEvent&)>& take) {
  Sample sample{folder};
  if (const Result<> made = sample.make(); !made) return made.failure();
  const Result<uint64_t> fsid = fsid_of(sample.file.get());
  if (!fsid) return fsid.failure();
  const Result<FileHandle> handle = FileHandle::of(sample.file.get());
  if (!handle) return handle.failure();
  const bool noted = !programs || is_noted(programs->ask(sample.file.get()));
  const Sight sight{.fine_stamps = are_stamps_fine(sample.file.get())};
  if (programs) programs->ask(sample.file.get(), SLUICE_FINISH_FORGET);
  // Another observer that is told of it finds it gone.
  sample.remove();
  sample.file.reset();

  // What happened is queued before the call returns that does it.
  bool closed = false, renamed = false;
  for (int i = 0; i < kMostBuffers && !(closed && renamed); ++i) {
    const bool more = fanotify.read([&](const FanotifyEvent& event) {
      if (event.overflow() || event.fsid != *fsid || event.file != *handle) return take(event);
      closed |= event.closed();
      renamed |= event.renamed();
    });
    if (!more) break;
  }
  if (!closed) return unseen("close");
  if (!renamed) return unseen("rename");
  if (!noted) return unseen("write");
  return sight;
}

}  // namespace

Result<Sight> test_sight(int folder, Fanotify& fanotify, const ObservePrograms* programs,
                         const std::function<void(const FanotifyEvent&)>& take) {
  for (int i = 1;; ++i) {
    Result<Sight> tried = try_sight(folder, fanotify, programs, take);
    if (tried || tried.failure().kind != FailureKind::unseen || i == kTries) return tried;
  }
}

}  // namespace sluice
