// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "native/engine/outcome.h"
#include "native/relay/route.h"
#include "native/runtime/poller.h"

namespace sluice {

struct RelayRequest {
  UniqueFd source, sink;  // the relay's own duplicates
  int error = 0;          // errno, where one could not be duplicated
  uint32_t algorithms = 0;
  BackendChoice choice;
  uint64_t length = UINT64_MAX;  // UINT64_MAX: to the end of the source
  uint64_t source_offset = 0;
  uint64_t sink_offset = 0;
  uint32_t pool = 1;  // threads that may work on all relays together
};

struct RelayOutcome : Outcome {
  uint64_t taken = 0;   // from the source, where a length was asked for
  bool stored = false;  // what was measured is what is stored
};

// Moves data from one descriptor to another and measures them.
//
// It works in turns on the threads of the pool and holds none of them while it waits for a peer: then the poller has
// it.
class Relay : public std::enable_shared_from_this<Relay> {
 public:
  explicit Relay(RelayRequest request);

  // `done` is called once, on a thread of ours or on this one, after all descriptors of the relay were closed.
  void start(std::function<void()> done);
  void cancel();
  uint64_t bytes() const { return transfer_.moved.load(std::memory_order_relaxed); }
  // For a peer: neither for a disk nor for a thread of ours.
  bool waits() {
    std::lock_guard lock(waiting_mutex_);
    return parked_.has_value();
  }
  const RelayOutcome& outcome() const { return outcome_; }

 private:
  void turn(Worker& worker);
  Result<> open();
  // Another worker may be in the next turn before these return.
  void post();
  void park(int fd, uint32_t events);
  void wake();
  void finish(Result<> moved);

  RelayRequest request_;
  std::function<void()> done_;
  const uint64_t started_ns_;
  Transfer transfer_;
  std::unique_ptr<Route> route_;
  std::atomic<bool> cancelled_{false};
  std::mutex waiting_mutex_;  // whoever abandons it finds it parked, queued, or at work
  std::optional<Poller::Id> parked_;
  RelayOutcome outcome_;
};

}  // namespace sluice
