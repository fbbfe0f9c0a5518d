// SPDX-License-Identifier: Apache-2.0
#include "native/relay/through.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "native/relay/pipe_store.h"

namespace sluice {
namespace {

constexpr size_t kBuffer = 256 << 10;

// Why the kernel can't measure any more.
constexpr char kNoPipe[] = "no pipe can be had, or all that relays may have are in use";

std::string no_splice(ssize_t refused) {
  return std::string("the source or the sink takes no splice (") + strerror(static_cast<int>(-refused)) + ")";
}

}  // namespace

Failure Through::step(Worker& worker, Turn& turn) {
  if (held_ == 0) {
    ssize_t got = 0;
    if (transfer_.left > 0) {
      if (Failure failure = fill(got)) return failure;
    }
    if (got <= 0) {
      rest();
      turn = got == 0 ? Turn::ended : Turn::source_empty;
      return {};
    }
    held_ = static_cast<size_t>(got);
    transfer_.taken(held_);
  }
  if (measured_ == 0) {
    if (Failure failure = measure(worker)) return failure;
  }
  ssize_t put = 0;
  if (Failure failure = send(put)) return failure;
  turn = put > 0 ? Turn::moved : Turn::sink_full;
  return {};
}

Failure Through::fill(ssize_t& got) {
  Endpoint& source = transfer_.source;
  if (!copies_ && !pipe_) {
    pipe_ = PipeStore::instance().take(transfer_.sums.insists());
    no_pipe_ = kNoPipe;
  }
  if (copies_ || !pipe_) return fill_buffer(got);
  buffer_.reset();
  got = source.splice(*pipe_, std::min<uint64_t>(pipe_->capacity(), transfer_.left));
  if (Pipe::refused(got)) {
    copies_ = true;
    no_pipe_ = no_splice(got);
    return fill_buffer(got);
  }
  if (got < 0 && got != -EAGAIN) return source.failure(static_cast<int>(-got));
  return {};
}

Failure Through::fill_buffer(ssize_t& got) {
  if (Failure failure = transfer_.sums.leave_kernel(no_pipe_)) return failure;
  if (!buffer_) {
    rest();
    buffer_ = std::make_unique_for_overwrite<uint8_t[]>(kBuffer);
  }
  got = transfer_.source.read(buffer_.get(), std::min<uint64_t>(kBuffer, transfer_.left));
  if (got < 0 && got != -EAGAIN) return transfer_.source.failure(static_cast<int>(-got));
  return {};
}

Failure Through::measure(Worker& worker) {
  if (transfer_.sums.idle()) {
    measured_ = held_;
    return {};
  }
  if (!buffer_) {
    std::string reason;
    if (Failure failure = transfer_.sums.pipe(worker, *pipe_, held_, measured_, reason)) return failure;
    if (measured_ > 0) return {};
    if (Failure failure = unpipe(std::move(reason))) return failure;
  }
  transfer_.sums.memory(buffer_.get() + begin_, held_);
  measured_ = held_;
  return {};
}

Failure Through::unpipe(std::string reason) {
  if (Failure failure = transfer_.sums.leave_kernel(std::move(reason))) return failure;
  auto bytes = std::make_unique_for_overwrite<uint8_t[]>(std::max(held_, kBuffer));
  for (size_t at = 0; at < held_;) {
    const ssize_t got = pipe_->take(bytes.get() + at, held_ - at);
    if (got <= 0) return transfer_.source.failure(got < 0 ? static_cast<int>(-got) : EIO);
    at += static_cast<size_t>(got);
  }
  rest();
  buffer_ = std::move(bytes);
  return {};
}

Failure Through::send(ssize_t& put) {
  Endpoint& sink = transfer_.sink;
  if (!buffer_) {
    put = sink.pour(*pipe_, measured_);
    if (Pipe::refused(put)) {
      copies_ = true;
      const size_t measured = measured_;
      if (Failure failure = unpipe(no_splice(put))) return failure;
      transfer_.sums.memory(buffer_.get() + measured, held_ - measured);
      measured_ = held_;
    }
  }
  if (buffer_) put = sink.write(buffer_.get() + begin_, held_);
  if (put == -EAGAIN) put = 0;
  if (put < 0) return sink.failure(static_cast<int>(-put));
  held_ -= static_cast<size_t>(put);
  measured_ -= static_cast<size_t>(put);
  transfer_.moved += static_cast<uint64_t>(put);
  if (buffer_) begin_ = held_ > 0 ? begin_ + static_cast<size_t>(put) : 0;
  return {};
}

void Through::rest() {
  if (pipe_) PipeStore::instance().give(std::move(*pipe_), held_ == 0);
  pipe_.reset();
  buffer_.reset();
}

}  // namespace sluice
