// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace sluice {

// The way back from our threads into one JavaScript environment (the main thread, or a worker_thread, which may end at
// any moment). What is sent after the environment ended is dropped.
class Mailbox {
 public:
  using Letter = std::function<void(Napi::Env)>;

  explicit Mailbox(Napi::Env env);

  // From any thread: runs `letter` on the environment's own.
  void send(Letter letter);
  void close();

  // From the environment's thread: while anything is expected the process stays alive.
  void expect(Napi::Env env);
  void received(Napi::Env env);

 private:
  // Owns the letter, whatever becomes of it: without an environment it is one that was left in the queue, and what is
  // called in JavaScript throws where a worker_thread is terminated.
  static void deliver(Napi::Env env, Napi::Function, void*, Letter* letter);

  std::mutex mutex_;
  bool closed_ = false;
  uint32_t expected_ = 0;
  Napi::TypedThreadSafeFunction<void, Letter, deliver> function_;
};

// What the addon keeps per environment.
struct Environment {
  std::shared_ptr<Mailbox> mailbox;
  // Called when the environment ends, so that work on its behalf stops.
  std::unordered_map<void*, std::function<void()>> at_exit;

  // lib/libbpf/: makes the errors for what the kernel refused and for wrong arguments, and hears what libbpf prints.
  Napi::FunctionReference bpf_refusal;
  Napi::FunctionReference bpf_misuse;
  Napi::FunctionReference bpf_log;
  int bpf_log_level = 0;

  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }
  static void create(Napi::Env env);
};

}  // namespace sluice
