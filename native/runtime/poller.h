// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <unordered_map>

#include "native/runtime/result.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// Waits for descriptors on one thread of the process. A thread, and not libuv's poll, because libuv is no part of the
// stable ABI that lets one binary serve every version of Node. It is never ended: the process may leave it behind.
class Poller {
 public:
  using Id = uint64_t;

  // Throws, for want of a descriptor or a thread.
  static Poller& instance();

  // Calls `ready` once, on the poller's thread, when `fd` has one of `events`. It must not throw. `limit`: the user has
  // as many watches as he may; `io`: this kind of file can't be watched.
  Result<Id> watch(int fd, uint32_t events, std::function<void()> ready);
  // `ready` may still be running when this returns.
  void unwatch(Id id);

 private:
  struct Watch {
    int fd;
    std::function<void()> ready;
  };

  Poller();
  void serve();

  UniqueFd epoll_;
  std::mutex mutex_;
  Id last_ = 0;
  std::unordered_map<Id, Watch> watches_;
};

}  // namespace sluice
