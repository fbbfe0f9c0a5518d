// SPDX-License-Identifier: Apache-2.0
#include "native/engine/reducer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sluice {

Measurement::Measurement(uint32_t algorithms, bool kernel, bool fallback) : kernel_(kernel), fallback_(fallback) {
  shared_.algorithms = algorithms;
  for (const Reduction& each : reductions()) extent_.values[static_cast<size_t>(each.algorithm)] = each.init;
}

Failure Measurement::leave_kernel(std::string reason) {
  if (!kernel_) return {};
  kernel_ = false;
  reason_ = std::move(reason);
  stopped_ = shared_.bytes;
  if (!fallback_) return {"kernelStopped", 0, reason_};
  return {};
}

Failure Measurement::stored(Worker& worker, int fd, uint64_t begin, uint64_t end) {
  const ExtentSource from{.fd = fd};
  extent_.begin = extent_.offset = begin;
  extent_.end = end;
  if (kernel_) {
    std::string reason;
    if (Failure failure = reduce_in_kernel(worker, from, shared_, extent_, reason)) return failure;
    if (!reason.empty()) {
      if (Failure failure = leave_kernel(std::move(reason))) return failure;
    }
  }
  if (!kernel_) {
    if (Failure failure = reduce_in_userspace(worker, from, shared_, extent_)) return failure;
  }
  if (extent_.offset < extent_.end) return {"changed", 0, "it became shorter"};
  return {};
}

Failure Measurement::in_flight(Worker& worker, const Pipe& pipe, size_t length, size_t& measured, std::string& reason) {
  measured = 0;
  // The worker's own pipe gets the same pages, is measured, and emptied.
  const Pipe* copy = worker.pipe();
  const ssize_t shared = copy ? copy->share(pipe, length) : 0;
  if (shared <= 0) {
    reason = copy ? std::string("the pipe can't be shared (tee: ") + strerror(static_cast<int>(-shared)) + ")"
                  : worker.no_pipe();
    return {};
  }
  const auto bytes = static_cast<size_t>(shared);
  if (kernel_) {
    const char* refused = nullptr;
    const std::shared_ptr<PipeTap> tap = worker.tap(refused);
    if (tap) {
      sluice_state& state = tap->state(worker.slot());
      bpf_state_init(state, shared_.algorithms, extent_.values.data());
      const int status = tap->run(worker.slot(), copy->read_end(), shared_.algorithms, bytes);
      if (status == SLUICE_TAP_OK) {
        values_of(state, shared_.algorithms, extent_.values);
        shared_.bytes += bytes;
        measured = bytes;
        if (copy->drain(bytes) != 0) worker.drop_pipe();
        return {};
      }
      refused = tap_status_text(status);
    }
    if (Failure failure = leave_kernel(refused)) {
      worker.drop_pipe();
      return failure;
    }
  }
  uint8_t* buffer = worker.buffer();
  for (size_t rest = bytes; rest > 0;) {
    const ssize_t got = copy->take(buffer, std::min(rest, Worker::kBufferSize));
    if (got <= 0) {  // a page that can't be read, which is not to be sent either
      worker.drop_pipe();
      return {"io", static_cast<int>(-got), "source"};
    }
    in_memory(buffer, static_cast<size_t>(got));
    rest -= static_cast<size_t>(got);
  }
  measured = bytes;
  return {};
}

void Measurement::in_memory(const uint8_t* data, size_t length) {
  reduce_bytes(shared_.algorithms, extent_.values, data, length);
  shared_.bytes += length;
}

}  // namespace sluice
