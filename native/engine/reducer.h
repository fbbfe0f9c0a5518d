// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "native/engine/extent.h"
#include "native/runtime/worker.h"

namespace sluice {

// The checksums of what a relay moves. Values are committed after every window, so that user space can go on from
// where the kernel stopped.
class Measurement {
 public:
  // `fallback`: user space goes on where the kernel can't.
  Measurement(uint32_t algorithms, bool kernel, bool fallback);

  // Nothing is asked for: bytes are only moved.
  bool idle() const { return shared_.algorithms == 0; }
  bool kernel() const { return kernel_; }
  // Leaving the kernel would be a failure.
  bool insists() const { return kernel_ && !fallback_; }
  const Values& values() const { return extent_.values; }
  const std::string& fallback_reason() const { return reason_; }
  uint64_t fallback_offset() const { return stopped_; }

  // What is stored from `begin` up to `end` of a file, read back while it is in the cache.
  Failure stored(Worker& worker, int fd, uint64_t begin, uint64_t end);
  // The first bytes of a pipe, which keeps them: `measured` of `length`, or 0 and the `reason` where this can't be done
  // at all.
  Failure in_flight(Worker& worker, const Pipe& pipe, size_t length, size_t& measured, std::string& reason);
  // Bytes in memory: in user space, whatever was asked for.
  void in_memory(const uint8_t* data, size_t length);

  // The kernel can't go on.
  Failure leave_kernel(std::string reason);

 private:
  Shared shared_;
  bool kernel_;
  bool fallback_;
  Extent extent_;
  std::string reason_;
  uint64_t stopped_ = 0;
};

}  // namespace sluice
