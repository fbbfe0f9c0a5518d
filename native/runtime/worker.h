// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "native/engine/pipe_tap.h"
#include "native/runtime/pipe.h"

namespace sluice {

// What one thread of a pool owns: a slot of the tap, a pipe bound to it, a buffer. All are made when first needed.
class Worker {
 public:
  // One huge page: copying into it misses the TLB least, and 2 MiB still lie in the L3 cache when the reduction comes
  // to them. Measured against 32 KiB to 1 MiB: docs/performance.md.
  static constexpr size_t kBufferSize = 2 << 20;

  static constexpr uint32_t kNoSlot = SLUICE_SLOTS;

  explicit Worker(uint32_t slot) : slot_(slot) {}

  uint32_t slot() const { return slot_; }

  // Aligned to its own size, which is more than O_DIRECT asks for.
  uint8_t* buffer();

  // The tap with this worker's pipe bound to its slot, or nullptr and why not in `reason`.
  std::shared_ptr<PipeTap> tap(const char*& reason);
  // Empty between tasks; nullptr where none can be had.
  const Pipe* pipe();
  // Why none can be had.
  const char* no_pipe() const { return no_pipe_.c_str(); }

  // Forgets the pipe, for instance because bytes may be left in it.
  void drop_pipe() {
    pipe_.reset();
    bound_.reset();
  }

 private:
  struct Free {
    void operator()(uint8_t* memory) const { free(memory); }
  };

  uint32_t slot_;
  std::unique_ptr<uint8_t, Free> buffer_;
  std::optional<Pipe> pipe_;
  std::string no_pipe_;
  std::shared_ptr<PipeTap> bound_;
};

}  // namespace sluice
