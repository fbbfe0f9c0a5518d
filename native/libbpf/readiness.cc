// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/readiness.h"

#include <optional>

#include "native/environment.h"
#include "native/poller.h"

namespace sluice {

struct Readiness::Shared {
  int fd;
  uint32_t events;
  Napi::Env env;
  std::shared_ptr<Mailbox> mailbox;
  bool env_ended = false;
  std::optional<Poller::Id> watch;
  Napi::FunctionReference ready;

  void give_up() {
    if (!watch) return;
    Poller::instance().unwatch(*watch);
    watch.reset();
    ready.Reset();
  }
};

Readiness::Readiness(Napi::Env env, int fd, uint32_t events)
    : shared_(std::make_shared<Shared>(
          Shared{.fd = fd, .events = events, .env = env, .mailbox = Environment::of(env).mailbox})) {
  Environment::of(env).at_exit[shared_.get()] = [shared = shared_] {
    shared->env_ended = true;
    shared->give_up();
  };
}

Readiness::~Readiness() {
  if (shared_->env_ended) return;
  Environment::of(shared_->env).at_exit.erase(shared_.get());
  if (shared_->watch) shared_->mailbox->received(shared_->env);
  shared_->give_up();
}

void Readiness::wait(Napi::Env env, Napi::Function ready) {
  if (shared_->watch) throw Napi::Error::New(env, "somebody is waiting for it already");
  // The poller's thread holds no reference that could end an environment's object over there.
  const std::weak_ptr<Shared> weak = shared_;
  shared_->watch = Poller::instance().watch(shared_->fd, shared_->events, [weak, mailbox = shared_->mailbox] {
    mailbox->send([weak](Napi::Env env) {
      const std::shared_ptr<Shared> shared = weak.lock();
      if (!shared || !shared->watch) return;  // closed meanwhile
      shared->watch.reset();
      shared->mailbox->received(env);
      const Napi::FunctionReference ready = std::move(shared->ready);
      ready.Call({});
    });
  });
  shared_->ready = Napi::Persistent(ready);
  shared_->mailbox->expect(env);
}

}  // namespace sluice
