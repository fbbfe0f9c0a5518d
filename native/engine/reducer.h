// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "native/engine/backend.h"
#include "native/engine/sums.h"
#include "native/runtime/pipe.h"
#include "native/runtime/worker.h"

namespace sluice {

// One running set of checksums, wherever its bytes come from. It begins with the backend asked for; where that can't go
// on, the next one goes on from the last committed byte, unless that is a failure, and `reason` says why.
class Reducer {
 public:
  // `length`: how many bytes are to come, in this set and those it is a part of.
  Reducer(uint32_t algorithms, const BackendChoice& choice, uint64_t length, std::atomic<uint64_t>* progress = nullptr);

  // Nothing is asked for: bytes are only moved.
  bool idle() const { return sums_.algorithms == 0; }
  // What reduces the bytes that come next.
  const Backend& backend() const { return *backend_; }
  // Bytes in memory can be reduced as they are. Otherwise the backend must find them where the kernel holds them.
  bool takes_memory() const { return backend().memory != nullptr; }
  // That bytes come in memory would be a failure.
  bool insists() const { return !takes_memory() && !fallback_; }
  const Values& values() const { return sums_.values; }
  // How many bytes were reduced.
  uint64_t bytes() const { return sums_.bytes; }
  // Why the backend was left, and after how many bytes.
  const std::string& reason() const { return reason_; }
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
  // From now on bytes come in memory, and why: a backend that takes none is left.
  Result<> only_memory(const std::string& reason);
  // Bytes in memory, of which only_memory told, or where the backend takes them.
  void memory(const uint8_t* data, size_t length);

 private:
  // Has one backend after the other try, until one does not refuse. What each leaves in sums_ are finished values, from
  // which any goes on.
  template <typename Try>
  Result<> reduce(Try by);
  // The next one goes on, if it may.
  Result<> fall_back(std::string reason);

  Sums sums_;
  const Backend* backend_;
  bool fallback_;
  std::string reason_;
  uint64_t left_after_ = 0;
};

}  // namespace sluice
