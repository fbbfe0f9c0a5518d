// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "native/relay/route.h"
#include "native/runtime/pipe.h"

namespace sluice {

// Through to a stream: what can't be read back is measured in flight, before it is sent.
//
// Bytes may have to wait for the sink here, so they do in a pipe, or a buffer, of this route's own. Pipes are few, and
// only a relay that has bytes to send keeps one.
class Through : public Route {
 public:
  explicit Through(Transfer& transfer) : transfer_(transfer) {}
  ~Through() override { rest(); }

  Result<Turn> step(Worker& worker) override;

 private:
  // Takes up to a window from the source: how many bytes, 0 at its end, or -EAGAIN.
  Result<ssize_t> fill();
  Result<ssize_t> fill_buffer();
  Result<> measure(Worker& worker);
  // What is in the pipe goes on by way of the buffer, and so does all that follows.
  Result<> unpipe(const std::string& reason);
  // Sends what it can of what was measured: how many bytes; 0: the sink is full.
  Result<size_t> send();
  // Nothing is held: pipe and buffer are given back.
  void rest();

  Transfer& transfer_;
  bool copies_ = false;  // bytes never go by a pipe
  std::string no_pipe_;  // why they do not now
  std::optional<Pipe> pipe_;
  std::unique_ptr<uint8_t[]> buffer_;
  size_t begin_ = 0;     // of the bytes in the buffer that are still to be sent
  size_t held_ = 0;      // bytes in the pipe or, from `begin_`, in the buffer
  size_t measured_ = 0;  // the first so many of them
};

}  // namespace sluice
