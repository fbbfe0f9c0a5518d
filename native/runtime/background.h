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

// Runs `work()` on a thread of the background's pool, or on this one where the system allows none, and then `callback`
// on the environment's own with what `answer(env)` makes, or with the failure that `work` threw. The process stays
// alive meanwhile; if the environment ends first, nobody is called, and what the two hold goes when the work is done.
// What `work` alone holds is gone when `callback` is called.
template <typename Work, typename Answer>
void run_in_background(Napi::Env env, Napi::Function callback, Work work, Answer answer) {
  Environment& environment = Environment::of(env);
  // Its last owner must be the environment's thread, and so no other gets one.
  const auto kept = std::make_shared<Napi::FunctionReference>(Napi::Persistent(callback));
  const auto failure = std::make_shared<Failure>();
  const auto once = std::make_shared<std::optional<Work>>(std::move(work));
  const Ticket ticket = environment.expect([kept, failure, answer = std::move(answer)](Napi::Env env) {
    kept->Call({*failure ? failure_to(env, *failure) : answer(env)});
  });
  const std::shared_ptr<Mailbox> mailbox = environment.mailbox();
  Task task{.run =
                [mailbox, ticket, once](Worker&) {
                  (**once)();
                  once->reset();
                  mailbox->send(ticket);
                },
            .failed =
                [mailbox, ticket, failure, once](Failure why) {
                  *failure = std::move(why);
                  once->reset();
                  mailbox->send(ticket);
                }};
  if (WorkerPool::background().post(std::move(task), WorkerPool::kMaxThreads)) return;
  Worker here(Worker::kNoSlot);
  if (Failure why = caught([&] { task.run(here); })) task.failed(std::move(why));
}

}  // namespace sluice
