// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "native/engine/backend.h"
#include "native/engine/sums.h"
#include "native/runtime/pipe.h"
#include "native/runtime/worker.h"

namespace sluice {

// One running set of checksums, wherever its bytes come from. It begins with the backend asked for; where that can't go
// on, user space goes on from the last committed byte, unless that is a failure, and `reason` says why.
class Reducer {
 public:
  Reducer(uint32_t algorithms, Engine engine, std::atomic<uint64_t>* progress = nullptr);

  // Nothing is asked for: bytes are only moved.
  bool idle() const { return sums_.algorithms == 0; }
  // What reduces the bytes that come next.
  Backend backend() const { return engine_.backend; }
  // Leaving the kernel would be a failure.
  bool insists() const { return engine_.backend != Backend::userspace && !engine_.fallback; }
  const Values& values() const { return sums_.values; }
  // Why the backend was left, and after how many bytes.
  const std::string& reason() const { return reason_; }
  std::string take_reason() { return std::move(reason_); }
  uint64_t left_after() const { return left_after_; }

  // The bytes of a range, which is advanced: less than all of it where the file ends.
  Result<> range(Worker& worker, Range& range);
  // What became of bytes in a pipe: how many of the first were measured, or why none can be.
  struct Measured {
    size_t bytes = 0;
    std::string refused;
  };
  // The first bytes of a pipe, which keeps them.
  Result<Measured> pipe(Worker& worker, const Pipe& pipe, size_t length);
  // Bytes in memory: in user space, whatever was asked for.
  void memory(const uint8_t* data, size_t length);

  // The kernel can't go on.
  Result<> leave_kernel(std::string reason);

 private:
  // The one place where a backend falls back to another: what it left in sums_ are finished values, which any goes on
  // from.
  template <typename Bpf, typename Userspace>
  Result<> reduce(Bpf by_bpf, Userspace by_userspace) {
    if (engine_.backend == Backend::bpf) {
      Attempt attempt = by_bpf();
      if (!attempt.done || attempt.refused.empty()) return std::move(attempt.done);
      if (Result<> left = leave_kernel(std::move(attempt.refused)); !left) return left;
    }
    return by_userspace();
  }

  Sums sums_;
  Engine engine_;
  std::string reason_;
  uint64_t left_after_ = 0;
};

}  // namespace sluice
