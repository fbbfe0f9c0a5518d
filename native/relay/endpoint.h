// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "native/runtime/pipe.h"
#include "native/runtime/result.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// One end of a relay.
class Endpoint {
 public:
  enum class Role : uint8_t { source, sink };

  Endpoint() = default;
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  ~Endpoint() { close(); }

  // `offset` is where to begin in a file; streams have none. A stream that blocks is made not to until the last
  // relay that has it closes it: others who hold the same description see that.
  Result<> open(UniqueFd given, Role role, uint64_t offset);
  void close();

  int fd() const { return fd_.get(); }
  // A regular file or a block device: it has offsets, and nobody waits for a peer.
  bool is_file() const { return is_file_; }
  // Every write goes to the end, wherever that is by then.
  bool appends() const { return appends_; }
  // Where the next byte is read or written; nullptr for a stream, which knows that itself.
  uint64_t* position() { return is_file_ ? &offset_ : nullptr; }

  // All return bytes, 0 at the end of the source, or -errno.
  ssize_t read(uint8_t* to, size_t length);
  // Into an empty pipe, without copying.
  ssize_t splice(const Pipe& to, size_t length);
  ssize_t write(const uint8_t* from, size_t length);
  // The first bytes of a pipe, without copying.
  ssize_t pour(const Pipe& from, size_t length);

  // What a failed read or write of this end means.
  Failure failure(int error) const;

 private:
  // A failed direct read of a file that somebody writes to, and that can be read.
  bool collided(int error) const;

  UniqueFd fd_;
  Role role_ = Role::source;
  bool is_file_ = false;
  bool appends_ = false;
  bool blocks_ = false;
  bool direct_ = false;      // open with O_DIRECT
  struct stat opened_ = {};  // what it was then
  uint64_t begin_ = 0;
  uint64_t offset_ = 0;
};

}  // namespace sluice
