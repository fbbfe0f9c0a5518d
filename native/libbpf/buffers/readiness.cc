// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/buffers/readiness.h"

#include <memory>

namespace sluice {

Readiness::~Readiness() {
  if (!waiting_) return;  // nor does anybody once the environment has ended
  Poller::instance().unwatch(waiting_->watch);
  Environment::of(waiting_->env).forget(waiting_->ticket);
}

Result<> Readiness::wait(Napi::Env env, Napi::Function ready) {
  if (waiting_) return Failure{.kind = FailureKind::busy, .detail = "somebody is waiting for it already"};
  Environment& environment = Environment::of(env);
  const auto kept = std::make_shared<Napi::FunctionReference>(Napi::Persistent(ready));
  const Ticket ticket = environment.expect(
      [this, kept](Napi::Env) {
        waiting_.reset();
        kept->Call({});
      },
      [this] {
        Poller::instance().unwatch(waiting_->watch);
        waiting_.reset();
      });
  const auto tell = [mailbox = environment.mailbox(), ticket] { mailbox->send(ticket); };
  const Result<Poller::Id> watch = caught([&] { return Poller::instance().watch(fd_, events_, tell); });
  if (!watch) {
    environment.forget(ticket);
    return watch.failure();
  }
  waiting_ = {env, ticket, *watch};
  return {};
}

}  // namespace sluice
