// SPDX-License-Identifier: Apache-2.0
#include "native/runtime/worker.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "native/runtime/result.h"

namespace sluice {

uint8_t* Worker::buffer() {
  if (!buffer_) {
    buffer_.reset(static_cast<uint8_t*>(std::aligned_alloc(kBufferSize, kBufferSize)));
    if (!buffer_) throw std::bad_alloc();
    madvise(buffer_.get(), kBufferSize, MADV_HUGEPAGE);
  }
  return buffer_.get();
}

const Pipe* Worker::pipe() {
  if (!pipe_) {
    if (const Result<> made = caught([this] { pipe_.emplace(); }); !made) {
      const Failure& failure = made.failure();
      no_pipe_ = "no pipe can be had (" + std::string(failure.call) + ": " + strerror(failure.error) + ")";
      return nullptr;
    }
  }
  return &*pipe_;
}

}  // namespace sluice
