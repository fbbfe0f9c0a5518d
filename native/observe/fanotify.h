// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "native/observe/handle.h"
#include "native/runtime/result.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// Somewhere on a file system that is marked, a file was closed that had been open for writing, or a file or a folder
// got another name.
struct FanotifyEvent {
  uint64_t mask = 0;
  pid_t pid = 0;      // whose doing it was; 0 outside of our pid namespace
  uint64_t fsid = 0;  // as fsid_of gives it
  FileHandle file;
  FileHandle folder;  // that it has its name in, or had it in when it was opened
  std::string name;

  bool overflow() const;  // events were dropped, and this one says nothing else
  bool of_folder() const;
  bool closed() const;
  bool renamed() const;
};

// Takes what a read of a group of fanotify gave. A record that can't be one, or that the kernel lacked the memory to
// fill, counts as events that were dropped.
void take_events(std::string_view bytes, const std::function<void(const FanotifyEvent&)>& take);

// The number by which fanotify names the file system of an open file.
Result<uint64_t> fsid_of(int fd);

class Fanotify {
 public:
  static Result<Fanotify> create();

  // Whatever happens on the file system of an open folder is told from here on.
  Result<> mark(int folder);
  int fd() const { return fd_.get(); }
  // Takes what has happened until now, but no more than fits into a buffer. False where there was nothing.
  bool read(const std::function<void(const FanotifyEvent&)>& take);

 private:
  UniqueFd fd_;
};

}  // namespace sluice
