// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

namespace sluice {

class Worker;

using Task = std::function<void(Worker&)>;

// Threads of our own, for the whole process: a slow disk or peer must never hold one of libuv's four.
//
// The pool lives as long as the process (a thread may sit in a system call when the process ends), grows to what was
// asked for, and hands each thread a slot of the BPF maps.
class WorkerPool {
 public:
  static constexpr uint32_t kMaxThreads = 64;  // as many as the maps have slots

  // For sums and relays.
  static WorkerPool& instance();
  // For single calls that may have to wait for a disk or a lock. They need neither slot nor pipe, of which there are no
  // more than sums and relays have threads.
  static WorkerPool& background();

  // Queues a task. At least `threads` threads (at most kMaxThreads) will work on the queue, or as many as the system
  // allows. False, and the task is forgotten, where it allows none.
  bool post(Task task, uint32_t threads);

 private:
  void run(uint32_t slot);

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Task> tasks_;
  uint32_t threads_ = 0;
  uint32_t idle_ = 0;
};

}  // namespace sluice
