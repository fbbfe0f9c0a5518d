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

// Why bytes do not go by a pipe.
constexpr char kNoPipe[] = "no pipe can be had, or all that relays may have are in use";

std::string no_splice(ssize_t refused) {
  return std::string("the source or the sink takes no splice (") + strerror(static_cast<int>(-refused)) + ")";
}

}  // namespace

Result<Route::Turn> Through::step(Worker& worker) {
  if (held_ == 0) {
    const Result<ssize_t> got = transfer_.left > 0 ? fill() : 0;
    if (!got) return got.failure();
    if (*got <= 0) {
      rest();
      return *got == 0 ? Turn::ended : Turn::source_empty;
    }
    held_ = static_cast<size_t>(*got);
    transfer_.taken(held_);
  }
  if (measured_ == 0) {
    if (const Result<> measured = measure(worker); !measured) return measured.failure();
  }
  const Result<size_t> put = send();
  if (!put) return put.failure();
  return *put > 0 ? Turn::moved : Turn::sink_full;
}

Result<ssize_t> Through::fill() {
  Endpoint& source = transfer_.source;
  if (!copies_ && !pipe_) {
    pipe_ = PipeStore::instance().take(transfer_.sums.insists());
    no_pipe_ = kNoPipe;
  }
  if (copies_ || !pipe_) return fill_buffer();
  buffer_.reset();
  const ssize_t got = source.splice(*pipe_, std::min<uint64_t>(pipe_->capacity(), transfer_.left));
  if (Pipe::refused(got)) {
    copies_ = true;
    no_pipe_ = no_splice(got);
    return fill_buffer();
  }
  if (got < 0 && got != -EAGAIN) return source.failure(static_cast<int>(-got));
  return got;
}

Result<ssize_t> Through::fill_buffer() {
  if (const Result<> left = transfer_.sums.only_memory(no_pipe_); !left) return left.failure();
  if (!buffer_) {
    rest();
    buffer_ = std::make_unique_for_overwrite<uint8_t[]>(kBuffer);
  }
  const ssize_t got = transfer_.source.read(buffer_.get(), std::min<uint64_t>(kBuffer, transfer_.left));
  if (got < 0 && got != -EAGAIN) return transfer_.source.failure(static_cast<int>(-got));
  return got;
}

Result<> Through::measure(Worker& worker) {
  if (transfer_.sums.idle()) {
    measured_ = held_;
    return {};
  }
  if (!buffer_) {
    Result<Reducer::Measured> measured = transfer_.sums.pipe(worker, *pipe_, held_);
    if (!measured) return measured.failure();
    measured_ = measured->bytes;
    if (measured_ > 0) return {};
    if (Result<> moved = unpipe(measured->refused); !moved) return moved;
  }
  transfer_.sums.memory(buffer_.get() + begin_, held_);
  measured_ = held_;
  return {};
}

Result<> Through::unpipe(const std::string& reason) {
  if (Result<> left = transfer_.sums.only_memory(reason); !left) return left;
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

Result<size_t> Through::send() {
  Endpoint& sink = transfer_.sink;
  ssize_t put = 0;
  if (!buffer_) {
    put = sink.pour(*pipe_, measured_);
    if (Pipe::refused(put)) {
      copies_ = true;
      const size_t measured = measured_;
      if (const Result<> moved = unpipe(no_splice(put)); !moved) return moved.failure();
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
  return static_cast<size_t>(put);
}

void Through::rest() {
  if (pipe_) PipeStore::instance().give(std::move(*pipe_), held_ == 0);
  pipe_.reset();
  buffer_.reset();
}

}  // namespace sluice
