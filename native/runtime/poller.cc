// SPDX-License-Identifier: Apache-2.0
#include "native/runtime/poller.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>

#include <cerrno>
#include <thread>

namespace sluice {

Poller& Poller::instance() {
  static Poller& only = *new Poller;
  return only;
}

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) throw system_failure(errno, "epoll_create1");
  // Signals are for the threads that Node started.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread([this] { serve(); }).detach();
  } catch (...) {  // no thread can be had now: the next one who waits tries again
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Result<Poller::Id> Poller::watch(int fd, uint32_t events, std::function<void()> ready) {
  std::lock_guard lock(mutex_);
  const Id id = ++last_;
  watches_[id] = {fd, std::move(ready)};
  epoll_event event{.events = events | EPOLLONESHOT, .data = {.u64 = id}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    const int error = errno;
    watches_.erase(id);
    return Failure{error == EPERM ? FailureKind::io : FailureKind::limit, error, "epoll_ctl"};
  }
  return id;
}

void Poller::unwatch(Id id) {
  std::lock_guard lock(mutex_);
  const auto found = watches_.find(id);
  if (found == watches_.end()) return;
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, found->second.fd, nullptr);
  watches_.erase(found);
}

void Poller::serve() {
  pthread_setname_np(pthread_self(), "sluice-poller");
  for (;;) {
    epoll_event event;
    if (epoll_wait(epoll_.get(), &event, 1, -1) != 1) continue;
    std::function<void()> ready;
    {
      std::lock_guard lock(mutex_);
      const auto found = watches_.find(event.data.u64);
      if (found == watches_.end()) continue;  // given up meanwhile
      epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, found->second.fd, nullptr);
      ready = std::move(found->second.ready);
      watches_.erase(found);
    }
    ready();
  }
}

}  // namespace sluice
