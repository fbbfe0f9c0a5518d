// SPDX-License-Identifier: Apache-2.0
#include "native/environment.h"

namespace sluice {

Mailbox::Mailbox(Napi::Env env) : function_(decltype(function_)::New(env, "sluice", 0, 1)) { function_.Unref(env); }

void Mailbox::send(Letter letter) {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  auto sent = std::make_unique<Letter>(std::move(letter));
  if (function_.NonBlockingCall(sent.get()) == napi_ok) sent.release();
}

void Mailbox::deliver(Napi::Env env, Napi::Function, void*, Letter* letter) {
  const std::unique_ptr<Letter> owned(letter);
  if (env != nullptr) (*owned)(env);
}

void Mailbox::close() {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  closed_ = true;
  function_.Abort();
}

void Mailbox::expect(Napi::Env env) {
  if (expected_++ == 0) function_.Ref(env);
}

void Mailbox::received(Napi::Env env) {
  if (--expected_ == 0) function_.Unref(env);
}

void Environment::create(Napi::Env env) {
  auto* self = new Environment{.mailbox = std::make_shared<Mailbox>(env), .at_exit = {}};
  env.SetInstanceData<Environment>(self);
  env.AddCleanupHook([self] {
    for (const auto& [owner, stop] : self->at_exit) stop();
    self->mailbox->close();
  });
}

}  // namespace sluice
