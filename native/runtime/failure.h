// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace sluice {

// Why a call has no value, as far as callers tell it apart. failure_binding.cc has the names that JavaScript knows.
enum class FailureKind : uint8_t {
  system_call,  // what its errno means is for JavaScript to say
  // files, and whatever is read or written
  is_directory,
  not_a_file,
  not_readable,
  not_writable,
  bad_descriptor,
  not_observable,
  unseen,     // what an observer does is not told to itself
  no_setter,  // the process that sets attributes has ended
  linked,     // somebody else may have given another's file a name
  changed,
  writer,
  range,
  limit,
  io,
  // names in a folder
  no_root,
  reserved,
  exists,
  differs,
  other_device,
  busy,
  no_condition,
  // the ends of a relay
  no_offset,
  overlap,
  not_aligned,
  truncated,
  collided,
  no_thread,
  // jobs
  kernel_stopped,
  aborted,
};

// What a failure is about. The same error number means something else of each: lib/errors/errno.ts says what.
enum class Subject : uint8_t {
  file,       // that a caller named, or holds open
  place,      // a name in a folder, perhaps beneath a root
  lock,       // of a folder (flock)
  source,     // of a relay
  sink,       // of a relay
  attribute,  // an extended one
  journal,    // of an observer
};

struct Failure {
  FailureKind kind;
  int error = 0;            // errno, or 0
  const char* call = "";    // the system call that failed, where it is one
  std::string detail = {};  // what happened; of an attribute its name
  Subject subject = Subject::file;
  bool at_target = false;  // of two names, it is the second one's
};

inline Failure system_failure(int error, const char* call, Subject subject = Subject::file) {
  return {.kind = FailureKind::system_call, .error = error, .call = call, .subject = subject};
}

// What the exception means that is being handled: a Failure itself, or memory or a thread that was not to be had.
Failure thrown_failure();

}  // namespace sluice
