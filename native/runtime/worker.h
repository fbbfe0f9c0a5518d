// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "native/runtime/pipe.h"

namespace sluice {

// What one thread of a pool owns: the number of a slot in the taps' maps, a pipe, a buffer. Pipe and buffer are made
// when first needed.
class Worker {
 public:
  // One huge page: copying into it misses the TLB least, and 2 MiB still lie in the L3 cache when the reduction comes
  // to them. Measured against 32 KiB to 1 MiB: docs/performance.md.
  static constexpr size_t kBufferSize = 2 << 20;

  static constexpr uint32_t kNoSlot = UINT32_MAX;

  explicit Worker(uint32_t slot) : slot_(slot) {}

  uint32_t slot() const { return slot_; }

  // Aligned to its own size, which is more than O_DIRECT asks for.
  uint8_t* buffer();

  // Empty between tasks; nullptr where none can be had.
  const Pipe* pipe();
  // Why none can be had.
  const char* no_pipe() const { return no_pipe_.c_str(); }

  // Forgets the pipe, for instance because bytes may be left in it.
  void drop_pipe() { pipe_.reset(); }

 private:
  struct Free {
    void operator()(uint8_t* memory) const { free(memory); }
  };

  uint32_t slot_;
  std::unique_ptr<uint8_t, Free> buffer_;
  std::optional<Pipe> pipe_;
  std::string no_pipe_;
};

}  // namespace sluice
