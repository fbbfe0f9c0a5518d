// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <memory>
#include <optional>
#include <utility>

#include "native/runtime/environment.h"
#include "native/runtime/failure_binding.h"
#include "native/runtime/worker.h"
#include "native/runtime/worker_pool.h"

namespace sluice {

// Runs `work()`, which gives a result, on a thread of the background's pool, or on this one where the system allows
// none, and then `callback` on the environment's own with what `answer(env, value)` makes of the value, or with the
// failure: that of the result, or of what was thrown. The process stays alive meanwhile; if the environment ends first,
// nobody is called, and what the two hold goes when the work is done. What `work` alone holds is gone when `callback`
// is called.
template <typename Work, typename Answer>
void run_in_background(Napi::Env env, Napi::Function callback, Work work, Answer answer) {
  using Outcome = decltype(work());
  Environment& environment = Environment::of(env);
  // Its last owner must be the environment's thread, and so no other gets one.
  const auto kept = std::make_shared<Napi::FunctionReference>(Napi::Persistent(callback));
  const auto outcome = std::make_shared<std::optional<Outcome>>();
  const auto once = std::make_shared<std::optional<Work>>(std::move(work));
  const Ticket ticket = environment.expect([kept, outcome, answer = std::move(answer)](Napi::Env env) {
    kept->Call({result_to(env, **outcome, [&](auto& value) { return answer(env, value); })});
  });
  const auto finish = [mailbox = environment.mailbox(), ticket, outcome, once](Outcome made) {
    *outcome = std::move(made);
    once->reset();
    mailbox->send(ticket);
  };
  Task task{.run = [once, finish](Worker&) { finish((**once)()); }, .failed = finish};
  if (WorkerPool::background().post(std::move(task), WorkerPool::kMaxThreads)) return;
  Worker here(Worker::kNoSlot);
  if (Result<> done = caught([&] { task.run(here); }); !done) task.failed(std::move(done.failure()));
}

// The same for work that has no value: `callback` gets undefined.
template <typename Work>
void run_in_background(Napi::Env env, Napi::Function callback, Work work) {
  run_in_background(env, callback, std::move(work), [](Napi::Env env, std::monostate) { return env.Undefined(); });
}

}  // namespace sluice
