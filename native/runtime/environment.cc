// SPDX-License-Identifier: Apache-2.0
#include "native/runtime/environment.h"

#include <utility>

namespace sluice {

Mailbox::Mailbox(Napi::Env env) : function_(decltype(function_)::New(env, "sluice", 0, 1)) { function_.Unref(env); }

void Mailbox::send(Ticket ticket) {
  std::lock_guard lock(mutex_);
  if (!closed_) function_.NonBlockingCall(reinterpret_cast<void*>(ticket));
}

void Mailbox::deliver(Napi::Env env, Napi::Function, void*, void* ticket) {
  // Without an environment it was left in the queue of one that ended.
  if (env != nullptr) Environment::of(env).tell(reinterpret_cast<Ticket>(ticket));
}

void Mailbox::close() {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  closed_ = true;
  function_.Abort();
}

void Mailbox::hold(Napi::Env env, bool alive) { alive ? function_.Ref(env) : function_.Unref(env); }

void Environment::create(Napi::Env env) {
  auto* self = new Environment(env);
  env.SetInstanceData<Environment>(self);
  env.AddCleanupHook([self] { self->end(); });
}

Ticket Environment::expect(Told told, std::function<void()> stop) {
  expected_[++last_] = {std::move(told), std::move(stop)};
  if (expected_.size() == 1) mailbox_->hold(env_, true);
  return last_;
}

void Environment::forget(Ticket ticket) {
  if (expected_.erase(ticket) != 0 && expected_.empty()) mailbox_->hold(env_, false);
}

void Environment::tell(Ticket ticket) {
  const auto found = expected_.find(ticket);
  if (found == expected_.end()) return;  // forgotten meanwhile
  // What is called in JavaScript throws where a worker_thread is terminated: it is taken out first, and freed with
  // this.
  const Told told = std::move(found->second.told);
  forget(ticket);
  Napi::HandleScope scope(env_);
  told(env_);
}

void Environment::end() {
  const auto expected = std::exchange(expected_, {});
  mailbox_->close();
  for (const auto& [ticket, each] : expected) {
    if (each.stop) each.stop();
  }
}

}  // namespace sluice
