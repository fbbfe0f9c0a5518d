// SPDX-License-Identifier: Apache-2.0
#include "native/engine/reducer.h"

#include <cerrno>
#include <cstring>

#include "native/engine/bpf.h"
#include "native/engine/userspace.h"

namespace sluice {

Reducer::Reducer(uint32_t algorithms, Engine engine, std::atomic<uint64_t>* progress)
    : sums_{.algorithms = algorithms, .progress = progress}, engine_(engine) {}

Failure Reducer::leave_kernel(std::string reason) {
  if (engine_.backend == Backend::userspace) return {};
  engine_.backend = Backend::userspace;
  reason_ = std::move(reason);
  left_after_ = sums_.bytes;
  if (!engine_.fallback) return {"kernelStopped", 0, reason_};
  return {};
}

Failure Reducer::range(Worker& worker, Range& range) {
  if (engine_.backend == Backend::bpf) {
    Attempt attempt = bpf::reduce(worker, range, sums_);
    if (attempt.failure || attempt.refused.empty()) return std::move(attempt.failure);
    if (Failure failure = leave_kernel(std::move(attempt.refused))) return failure;
  }
  return userspace::reduce(worker, range, sums_);
}

Failure Reducer::pipe(Worker& worker, const Pipe& pipe, size_t length, size_t& measured, std::string& reason) {
  measured = 0;
  // The worker's own pipe gets the same pages, is measured, and emptied.
  const Pipe* own = worker.pipe();
  const ssize_t shared = own ? own->share(pipe, length) : 0;
  if (shared <= 0) {
    reason = own ? std::string("the pipe can't be shared (tee: ") + strerror(static_cast<int>(-shared)) + ")"
                 : worker.no_pipe();
    return {};
  }
  const auto bytes = static_cast<size_t>(shared);
  if (engine_.backend == Backend::bpf) {
    Attempt attempt = bpf::reduce_own_pipe(worker, bytes, sums_);
    if (attempt.refused.empty()) {
      measured = bytes;
      if (own->drain(bytes) != 0) worker.drop_pipe();
      return {};
    }
    if (Failure failure = leave_kernel(std::move(attempt.refused))) {
      worker.drop_pipe();
      return failure;
    }
  }
  if (Failure failure = userspace::reduce(worker, *own, bytes, sums_)) {
    worker.drop_pipe();
    return failure;
  }
  measured = bytes;
  return {};
}

void Reducer::memory(const uint8_t* data, size_t length) { userspace::reduce(data, length, sums_); }

}  // namespace sluice
