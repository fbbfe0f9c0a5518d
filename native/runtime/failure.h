// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace sluice {

// Why a call has no value, as far as callers tell it apart. failure_binding.cc has the names that JavaScript knows.
enum class FailureKind : uint8_t {
  // files, and whatever is read or written
  not_found,
  bad_path,
  is_directory,
  not_a_file,
  not_readable,
  not_writable,
  permission,
  bad_descriptor,
  changed,
  writer,
  range,
  limit,
  io,
  // names in a folder
  outside,
  no_root,
  reserved,
  exists,
  differs,
  gone,
  other_device,
  busy,
  no_condition,
  no_space,
  too_long,
  attribute,
  // the ends of a relay
  no_offset,
  overlap,
  not_aligned,
  truncated,
  disconnected,
  forbidden,
  collided,
  no_thread,
  // jobs
  kernel_stopped,
  aborted,
};

struct Failure {
  FailureKind kind;
  int error = 0;           // errno, or 0
  std::string detail;      // the call that failed, or what happened
  bool at_target = false;  // of two names, it is the second one's
};

// What a call was made on. The same error number means something else on each.
enum class Subject : uint8_t {
  file,   // that a caller named, or holds open
  place,  // a name in a folder, perhaps beneath a root
  end,    // the source or the sink of a relay
  lock,   // of a folder (flock)
};

FailureKind kind_of(int error, Subject subject);

// The failure of a system call.
Failure system_failure(int error, std::string detail, Subject subject = Subject::file);

// What the exception means that is being handled: a Failure itself, or memory or a thread that was not to be had.
Failure thrown_failure();

}  // namespace sluice
