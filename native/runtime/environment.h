// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace sluice {

// Names one thing that an environment expects.
using Ticket = uint64_t;

// The way back from our threads into one JavaScript environment (the main thread, or a worker_thread, which may end at
// any moment). Only a ticket goes that way: what is done with it, and all that this holds, belongs to the environment,
// so nothing is lost with what is never delivered.
class Mailbox {
 public:
  explicit Mailbox(Napi::Env env);

  // From any thread: the environment, if it is still there, is told on its own.
  void send(Ticket ticket);
  void close();

  // From the environment's thread: whether the process stays alive for what is expected.
  void hold(Napi::Env env, bool alive);

 private:
  static void deliver(Napi::Env env, Napi::Function, void*, void* ticket);

  std::mutex mutex_;
  bool closed_ = false;
  Napi::TypedThreadSafeFunction<void, void, deliver> function_;
};

// What the addon keeps per environment. Used on the environment's thread only.
class Environment {
 public:
  using Told = std::function<void(Napi::Env)>;

  explicit Environment(Napi::Env env) : env_(env), mailbox_(std::make_shared<Mailbox>(env)) {}

  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }
  static void create(Napi::Env env);

  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

  // `told` is called once, when the ticket was sent, and the process stays alive until then. If the environment ends
  // first it is not called, but `stop` is, so that work on its behalf ends.
  Ticket expect(Told told, std::function<void()> stop = {});
  // Neither is called any more.
  void forget(Ticket ticket);

  // lib/libbpf/: makes the errors for what the kernel refused and for wrong arguments, and hears what libbpf prints.
  Napi::FunctionReference bpf_refusal;
  Napi::FunctionReference bpf_misuse;
  Napi::FunctionReference bpf_log;
  int bpf_log_level = 0;

 private:
  friend Mailbox;

  struct Expected {
    Told told;
    std::function<void()> stop;
  };

  void tell(Ticket ticket);
  void end();

  Napi::Env env_;
  std::shared_ptr<Mailbox> mailbox_;
  Ticket last_ = 0;
  std::unordered_map<Ticket, Expected> expected_;
};

}  // namespace sluice
