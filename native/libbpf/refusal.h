// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <string>
#include <utility>
#include <vector>

#include "native/libbpf/needs.h"

namespace sluice {

// What libbpf prints while this lives on the thread: libbpf knows one print function per process, so the lines are
// told apart by thread. At the end they go to the environment's listener, if it has one.
class LogScope {
 public:
  explicit LogScope(Napi::Env env);
  ~LogScope();
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

  static void install();
  // Warnings only: they hold the verifier's log.
  std::string warnings() const;

 private:
  using Line = std::pair<libbpf_print_level, std::string>;
  static int collect(libbpf_print_level level, const char* format, va_list arguments);

  Napi::Env env_;
  libbpf_print_level level_;
  std::vector<Line> lines_;
};

// The error for `what`, which the kernel or libbpf refused with the system's number `error`. lib/libbpf/refusal.ts
// makes it, so that every refusal has a code and a remedy. `needs` is what the kernel asks for before it does that.
Napi::Error refusal(Napi::Env env, const std::string& what, int error, const std::string& log = {},
                    const Needs& needs = {});

// The error for using `what` after it was closed.
Napi::Error closed(Napi::Env env, const std::string& what);

void register_refusal(Napi::Env env, Napi::Object exports);

}  // namespace sluice
