// SPDX-License-Identifier: Apache-2.0
#include "native/runtime/worker.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>
#include <system_error>

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
    try {
      pipe_.emplace();
    } catch (const std::system_error& error) {
      no_pipe_ = std::string("no pipe can be had (") + error.what() + ")";
      return nullptr;
    }
  }
  return &*pipe_;
}

}  // namespace sluice
