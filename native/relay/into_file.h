// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "native/relay/route.h"

namespace sluice {

// Into a file: moved first, then measured where it is stored. A page in a pipe is referenced, not frozen: a sender on
// the same machine may still write to it, and the sum would be of bytes that were never stored.
class IntoFile : public Route {
 public:
  explicit IntoFile(Transfer& transfer) : transfer_(transfer) {}

  // Finds out how the sink can be read back.
  Result<> open();
  Result<Turn> step(Worker& worker) override;

 private:
  // All take up to a window from the source: how many bytes, 0 at its end, or -EAGAIN.
  Result<ssize_t> take(Worker& worker);
  Result<ssize_t> splice(Worker& worker);
  Result<ssize_t> copy(Worker& worker);
  // This file system takes no splice: what is left in the pipe goes by memory, and all that follows.
  Result<> copy_rest(Worker& worker, const Pipe& pipe, size_t rest);
  Result<> store(const uint8_t* data, size_t length);
  Result<> measure(Worker& worker);
  // Somebody took away bytes that may have been measured already. What comes next would leave a hole in their place.
  bool cut_off() const;
  // Has the file system set blocks aside for what comes next.
  void reserve();
  uint64_t stored() const { return *transfer_.sink.position(); }

  Transfer& transfer_;
  UniqueFd reopened_;
  int readable_ = -1;  // the descriptor by which the sink is read back; -1: it can't be
  bool copies_ = false;
  uint64_t measured_ = 0;  // where in the sink the next stored byte is to be measured
  bool reserves_ = false;
  uint64_t reserved_ = 0;  // up to where in the sink
};

}  // namespace sluice
