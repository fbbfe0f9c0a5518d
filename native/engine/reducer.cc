// SPDX-License-Identifier: Apache-2.0
#include "native/engine/reducer.h"

#include <cerrno>
#include <cstring>

namespace sluice {

Reducer::Reducer(uint32_t algorithms, const BackendChoice& choice, uint64_t length, std::atomic<uint64_t>* progress)
    : sums_{.algorithms = algorithms, .progress = progress},
      backend_(length < choice.from ? &backends().back() : choice.backend),
      fallback_(choice.fallback) {}

Result<> Reducer::fall_back(std::string reason) {
  ++backend_;
  reason_ = std::move(reason);
  left_after_ = sums_.bytes;
  if (!fallback_) return Failure{.kind = FailureKind::kernel_stopped, .detail = reason_};
  return {};
}

template <typename Try>
Result<> Reducer::reduce(Try by) {
  for (;;) {
    Attempt attempt = by(backend());
    if (!attempt.done || attempt.refused.empty()) return std::move(attempt.done);
    if (Result<> next = fall_back(std::move(attempt.refused)); !next) return next;
  }
}

Result<> Reducer::range(Worker& worker, Range& range) {
  return reduce([&](const Backend& backend) { return backend.range(worker, range, sums_); });
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
  const Result<> reduced = reduce([&](const Backend& backend) { return backend.pipe(worker, bytes, sums_); });
  if (reduced) return Measured{bytes};
  worker.drop_pipe();
  return reduced.failure();
}

Result<> Reducer::only_memory(const std::string& reason) {
  while (!takes_memory()) {
    if (Result<> next = fall_back(reason); !next) return next;
  }
  return {};
}

void Reducer::memory(const uint8_t* data, size_t length) { backend().memory(data, length, sums_); }

}  // namespace sluice
