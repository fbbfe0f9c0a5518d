// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "native/environment.h"
#include "native/relay/worker_pool.h"

namespace sluice {

// Runs `work()` on a thread of the background's pool, and then `callback` on the environment's own with what
// `answer(env)` makes. The process stays alive meanwhile; if the environment ends first, nobody is called.
template <typename Work, typename Answer>
void run_in_background(Napi::Env env, Napi::Function callback, Work work, Answer answer) {
  Environment& environment = Environment::of(env);
  const std::shared_ptr<Mailbox> mailbox = environment.mailbox;
  // Its last owner must be the environment's thread, so only a pointer goes to the other one; at_exit keeps it.
  auto kept = std::make_shared<Napi::FunctionReference>(Napi::Persistent(callback));
  void* const key = kept.get();
  auto task = [mailbox, kept = kept.get(), work = std::move(work), answer = std::move(answer)](Worker&) mutable {
    work();
    mailbox->send([mailbox, kept, answer = std::move(answer)](Napi::Env env) {
      Napi::HandleScope scope(env);
      const Napi::Function function = kept->Value();
      Environment::of(env).at_exit.erase(kept);
      mailbox->received(env);
      function.Call({answer(env)});
    });
  };
  if (!WorkerPool::background().post(std::move(task), WorkerPool::kMaxThreads))
    throw Napi::Error::New(env, "the system allows no thread to do the work");
  environment.at_exit[key] = [kept] {};
  mailbox->expect(env);
}

}  // namespace sluice
