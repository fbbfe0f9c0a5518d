// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/refusal.h"

#include <cstdio>
#include <memory>
#include <tuple>

#include "native/libbpf/arguments.h"
#include "native/runtime/environment.h"
#include "native/runtime/result.h"

namespace sluice {
namespace {

thread_local LogScope* scope_of_thread = nullptr;

const char* name_of(libbpf_print_level level) {
  return level == LIBBPF_WARN ? "warn" : level == LIBBPF_INFO ? "info" : "debug";
}

}  // namespace

void LogScope::install() { libbpf_set_print(collect); }

LogScope::LogScope(Napi::Env env)
    : env_(env), level_(static_cast<libbpf_print_level>(Environment::of(env).bpf_log_level)) {
  scope_of_thread = this;
}

LogScope::~LogScope() {
  scope_of_thread = nullptr;
  Environment& environment = Environment::of(env_);
  if (lines_.empty() || environment.bpf_log.IsEmpty()) return;
  // Delivered later: the listener may use the very object that libbpf is working on. No exception may leave a
  // destructor: without memory for it the messages are lost.
  std::ignore = caught([&] {
    environment.mailbox()->send(environment.expect([lines = std::move(lines_)](Napi::Env env) {
      Environment& environment = Environment::of(env);
      for (const auto& [level, text] : lines) {
        if (environment.bpf_log.IsEmpty()) return;
        environment.bpf_log.Call({Napi::String::New(env, name_of(level)), Napi::String::New(env, text)});
      }
    }));
  });
}

std::string LogScope::warnings() const {
  std::string all;
  for (const auto& [level, text] : lines_)
    if (level == LIBBPF_WARN) all += text;
  return all;
}

int LogScope::collect(libbpf_print_level level, const char* format, va_list arguments) {
  LogScope* scope = scope_of_thread;
  if (!scope || level > scope->level_) return 0;
  va_list again;
  va_copy(again, arguments);
  const int length = vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length <= 0) return 0;
  // No exception may pass through libbpf, which calls this. The verifier's log has megabytes.
  const Result<> collected = caught([&] {
    std::string text(length, '\0');
    vsnprintf(text.data(), text.size() + 1, format, arguments);
    scope->lines_.emplace_back(level, std::move(text));
  });
  return collected ? length : 0;
}

Napi::Error refusal(Napi::Env env, const std::string& what, int error, const std::string& log, const Needs& needs) {
  Napi::Array names = Napi::Array::New(env);
  for (const std::string& name : needs) names.Set(names.Length(), name);
  const Napi::Value made = Environment::of(env).bpf_refusal.Call(
      {Napi::String::New(env, what), Napi::Number::New(env, error), Napi::String::New(env, log), names});
  return Napi::Error(env, made);
}

Napi::Error closed(Napi::Env env, const std::string& what) { return refusal(env, what + " is closed", 0); }

void register_refusal(Napi::Env env, Napi::Object exports) {
  LogScope::install();
  // onBpfRefusal(refusal, misuse): both return the error to throw. refusal(what, errno, log, needs); errno 0: `what` is
  // a sentence of its own. misuse(expectation, value).
  exports.Set("onBpfRefusal", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                Environment& environment = Environment::of(info.Env());
                environment.bpf_refusal = Napi::Persistent(info[0].As<Napi::Function>());
                environment.bpf_misuse = Napi::Persistent(info[1].As<Napi::Function>());
              }));
  // onBpfLog(level, listener | undefined)
  exports.Set("onBpfLog", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                Environment& environment = Environment::of(info.Env());
                environment.bpf_log_level = static_cast<int>(word_of(info[0], "The level"));
                environment.bpf_log =
                    info[1].IsFunction() ? Napi::Persistent(info[1].As<Napi::Function>()) : Napi::FunctionReference();
              }));
}

}  // namespace sluice
