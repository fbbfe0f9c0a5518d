// SPDX-License-Identifier: Apache-2.0
#include "native/engine/reducer.h"

#include <cerrno>
#include <cstring>

#include "native/engine/bpf.h"
#include "native/engine/userspace.h"

namespace sluice {

Reducer::Reducer(uint32_t algorithms, Engine engine, std::atomic<uint64_t>* progress)
    : sums_{.algorithms = algorithms, .progress = progress}, engine_(engine) {}

Result<> Reducer::leave_kernel(std::string reason) {
  if (engine_.backend == Backend::userspace) return {};
  engine_.backend = Backend::userspace;
  reason_ = std::move(reason);
  left_after_ = sums_.bytes;
  if (!engine_.fallback) return Failure{FailureKind::kernel_stopped, 0, reason_};
  return {};
}

Result<> Reducer::range(Worker& worker, Range& range) {
  return reduce([&] { return bpf::reduce(worker, range, sums_); },
                [&] { return userspace::reduce(worker, range, sums_); });
}

Result<Reducer::Measured> Reducer::pipe(Worker& worker, const Pipe& pipe, size_t length) {
  // The worker's own pipe gets the same pages, is measured, and emptied.
  const Pipe* own = worker.pipe();
  const ssize_t shared = own ? own->share(pipe, length) : 0;
  if (!own) return Measured{.refused = worker.no_pipe()};
  if (shared <= 0) {
    return Measured{.refused =
                        std::string("the pipe can't be shared (tee: ") + strerror(static_cast<int>(-shared)) + ")"};
  }
  const auto bytes = static_cast<size_t>(shared);
  const Result<> reduced = reduce(
      [&] {
        Attempt attempt = bpf::reduce_own_pipe(worker, bytes, sums_);
        if (attempt.refused.empty() && own->drain(bytes) != 0) worker.drop_pipe();
        return attempt;
      },
      [&] { return userspace::reduce(worker, *own, bytes, sums_); });
  if (reduced) return Measured{bytes};
  worker.drop_pipe();
  return reduced.failure();
}

void Reducer::memory(const uint8_t* data, size_t length) { userspace::reduce(data, length, sums_); }

}  // namespace sluice
