// SPDX-License-Identifier: Apache-2.0
#include "native/environment.h"

namespace sluice {

Mailbox::Mailbox(Napi::Env env)
    : function_(Napi::ThreadSafeFunction::New(env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}), "sluice",
                                              0, 1)) {
  function_.Unref(env);
}

void Mailbox::send(Letter letter) {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  auto* sent = new Letter(std::move(letter));
  const napi_status status = function_.NonBlockingCall(sent, [](Napi::Env env, Napi::Function, Letter* letter) {
    const std::unique_ptr<Letter> owned(letter);
    if (env != nullptr) (*owned)(env);
  });
  if (status != napi_ok) delete sent;
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
