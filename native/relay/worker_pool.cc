// SPDX-License-Identifier: Apache-2.0
#include "native/relay/worker_pool.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <system_error>
#include <thread>

#include "native/relay/worker.h"

namespace sluice {

WorkerPool& WorkerPool::instance() {
  static auto* pool = new WorkerPool;  // never destroyed: its threads may outlive static destructors
  return *pool;
}

WorkerPool& WorkerPool::background() {
  static auto* pool = new WorkerPool;
  return *pool;
}

bool WorkerPool::post(Task task, uint32_t threads) {
  std::unique_lock lock(mutex_);
  tasks_.push_back(std::move(task));
  if (idle_ < tasks_.size() && threads_ < std::min(threads, kMaxThreads)) {
    // Signals belong to Node's main thread; the ones that announce a broken lease are to stay pending here.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      std::thread([this, slot = threads_] { run(slot); }).detach();
      ++threads_;
    } catch (const std::system_error&) {  // the limit of processes
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (threads_ == 0) {
      tasks_.pop_back();
      return false;
    }
  }
  // Or the thread that wakes would go to sleep again at once, for the lock.
  lock.unlock();
  ready_.notify_one();
  return true;
}

void WorkerPool::run(uint32_t slot) {
  pthread_setname_np(pthread_self(), "sluice");
  Worker worker(slot);
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    ready_.wait(lock, [this] { return !tasks_.empty(); });
    --idle_;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task(worker);
    task = nullptr;
    lock.lock();
  }
}

}  // namespace sluice
