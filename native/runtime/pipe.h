// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "native/runtime/unique_fd.h"

namespace sluice {

// A pipe of our own, as large as the system lets us have it, with /dev/null to drain it into.
class Pipe {
 public:
  // Throws a Failure, for instance when no descriptor is left.
  Pipe();

  int read_end() const { return read_.get(); }
  // No other pipe of this process ever has it.
  uint64_t id() const { return id_; }
  // Bytes that one splice can be asked for. Unprivileged users get 1 MiB for their first 64 pipes, then two pages.
  size_t capacity() const { return capacity_; }

  // All of these return what they moved in bytes, 0 at the end of the source, or -errno.
  //
  // From `fd` into the pipe without copying: at `*offset`, which is advanced, or where there is none from a stream.
  // What is not there yet is not waited for, if the stream does not block.
  ssize_t fill(int fd, uint64_t* offset, size_t length) const;
  // The first bytes to `fd`, likewise.
  ssize_t pour(int fd, uint64_t* offset, size_t length) const;
  // The first bytes of another pipe, which keeps them, into this one.
  ssize_t share(const Pipe& other, size_t length) const;
  // Copied from memory, behind what is in the pipe.
  ssize_t put(const uint8_t* memory, size_t length) const;
  // The first bytes into memory.
  ssize_t take(uint8_t* memory, size_t length) const;

  // Of the first three: whether bytes have to go by memory instead, because one of the ends has no splice, or this
  // process may not make the call.
  static bool refused(ssize_t moved);

  // Throws away the first `length` bytes. Returns 0 or -errno.
  int drain(size_t length) const;

 private:
  UniqueFd read_, write_, null_;
  size_t capacity_;
  uint64_t id_;
};

}  // namespace sluice
