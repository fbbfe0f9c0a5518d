// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

#include "native/runtime/result.h"

namespace sluice {

class Worker;

// What a thread of a pool is to do. What `run` throws ends it, and nothing else: `failed` is told instead, on the same
// thread, and does not throw.
struct Task {
  std::function<void(Worker&)> run;
  std::function<void(Failure)> failed;
};

// Threads of our own, for the whole process: a slow disk or peer must never hold one of libuv's four.
//
// A pool lives as long as the process (a thread may sit in a system call when the process ends), and grows to what was
// asked for.
class WorkerPool {
 public:
  static constexpr uint32_t kMaxThreads = 64;

  // Apart: a sum keeps its thread for as long as the file takes, and a relay's peer waits for each turn. Each thread of
  // these two has a slot of the BPF maps.
  static WorkerPool& sums();
  static WorkerPool& relays();
  // For single calls that may have to wait for a disk or a lock. They need neither slot nor pipe, of which there are no
  // more than sums and relays have threads.
  static WorkerPool& background();

  // Queues a task. At least `threads` threads (at most kMaxThreads) will work on the queue, or as many as the system
  // allows. False, and the task is left to the caller, where it allows none. Does not throw.
  bool post(Task&& task, uint32_t threads, const void* owner = nullptr);
  // Forgets the owner's task. False where there is none, because a thread has taken it.
  bool withdraw(const void* owner);

 private:
  struct Queued {
    Task task;
    const void* owner = nullptr;
  };

  explicit WorkerPool(bool slots) : slots_(slots) {}
  void run();

  const bool slots_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Queued> tasks_;
  uint32_t threads_ = 0;
  uint32_t idle_ = 0;
};

}  // namespace sluice
