// SPDX-License-Identifier: Apache-2.0
#include "native/runtime/worker_pool.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

#include "native/runtime/worker.h"

namespace sluice {
namespace {

uint32_t new_slot() {
  static std::atomic<uint32_t> slots{0};  // threads never end, so none comes back
  return slots++;
}

}  // namespace

// None is ever destroyed: their threads may outlive static destructors.
WorkerPool& WorkerPool::sums() {
  static auto* pool = new WorkerPool(true);
  return *pool;
}

WorkerPool& WorkerPool::relays() {
  static auto* pool = new WorkerPool(true);
  return *pool;
}

WorkerPool& WorkerPool::background() {
  static auto* pool = new WorkerPool(false);
  return *pool;
}

bool WorkerPool::post(Task&& task, uint32_t threads, const void* owner) {
  std::unique_lock lock(mutex_);
  if (!caught([this] { tasks_.emplace_back(); })) return false;
  tasks_.back() = {std::move(task), owner};
  if (idle_ < tasks_.size() && threads_ < std::min(threads, kMaxThreads)) {
    // Signals belong to Node's main thread; the ones that announce a broken lease are to stay pending here.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    // The limit of processes, or of memory.
    if (caught([this] { std::thread([this] { run(); }).detach(); })) ++threads_;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (threads_ == 0) {
      task = std::move(tasks_.back().task);
      tasks_.pop_back();
      return false;
    }
  }
  // Or the thread that wakes would go to sleep again at once, for the lock.
  lock.unlock();
  ready_.notify_one();
  return true;
}

bool WorkerPool::withdraw(const void* owner) {
  Queued found;  // what it holds may be the last of its kind, and is let go after the lock
  std::lock_guard lock(mutex_);
  const auto at = std::ranges::find(tasks_, owner, &Queued::owner);
  if (at == tasks_.end()) return false;
  found = std::move(*at);
  tasks_.erase(at);
  return true;
}

void WorkerPool::run() {
  pthread_setname_np(pthread_self(), "sluice");
  Worker worker(slots_ ? new_slot() : Worker::kNoSlot);
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    ready_.wait(lock, [this] { return !tasks_.empty(); });
    --idle_;
    Task task = std::move(tasks_.front().task);
    tasks_.pop_front();
    lock.unlock();
    if (Result<> ran = caught([&] { task.run(worker); }); !ran) {
      worker.drop_pipe();  // the task's bytes may be in it
      task.failed(std::move(ran.failure()));
    }
    task = {};
    lock.lock();
  }
}

}  // namespace sluice
