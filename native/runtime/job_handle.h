// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "native/runtime/environment.h"

namespace sluice {

// Starts a job that works on our threads, and keeps the process alive until it is done. `callback` is called then, on
// the environment's thread, with what `describe(env, job)` makes of it. Returns {cancel(), bytes()}, with waits() where
// such a job has it. A job is made of a request, and started with a function to call at its end; it is cancelled when
// the environment ends.
template <typename Job, typename Request, typename Describe>
Napi::Object start_job(Napi::Env env, Request request, Napi::Function callback, Describe describe) {
  Environment& environment = Environment::of(env);
  const auto kept = std::make_shared<Napi::FunctionReference>(Napi::Persistent(callback));
  const auto job = std::make_shared<Job>(std::move(request));
  const Ticket ticket = environment.expect([job, kept, describe](Napi::Env env) { kept->Call({describe(env, *job)}); },
                                           [job] { job->cancel(); });
  job->start([mailbox = environment.mailbox(), ticket] { mailbox->send(ticket); });

  Napi::Object handle = Napi::Object::New(env);
  handle.Set("cancel", Napi::Function::New(env, [job](const Napi::CallbackInfo&) { job->cancel(); }));
  handle.Set("bytes", Napi::Function::New(env, [job](const Napi::CallbackInfo& info) {
               return Napi::Number::New(info.Env(), static_cast<double>(job->bytes()));
             }));
  if constexpr (requires { job->waits(); }) {
    handle.Set("waits", Napi::Function::New(env, [job](const Napi::CallbackInfo& info) {
                 return Napi::Boolean::New(info.Env(), job->waits());
               }));
  }
  return handle;
}

}  // namespace sluice
