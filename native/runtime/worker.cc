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
    bound_.reset();
    try {
      pipe_.emplace();
    } catch (const std::system_error& error) {
      no_pipe_ = std::string("no pipe can be had (") + error.what() + ")";
      return nullptr;
    }
  }
  return &*pipe_;
}

std::shared_ptr<PipeTap> Worker::tap(const char*& reason) {
  std::shared_ptr<PipeTap> tap = PipeTap::installed();
  if (!tap) {
    reason = "the pipe tap is not loaded";
    return nullptr;
  }
  if (slot_ >= tap->slots()) {
    reason = tap_status_text(SLUICE_TAP_NO_SLOT);
    return nullptr;
  }
  if (!pipe()) {
    reason = no_pipe();
    return nullptr;
  }
  if (bound_ != tap) {
    const int status = tap->bind(slot_, pipe_->read_end());
    if (status != SLUICE_TAP_OK) {
      reason = tap_status_text(status);
      return nullptr;
    }
    bound_ = tap;
  }
  return bound_;
}

}  // namespace sluice
