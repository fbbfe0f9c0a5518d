// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include "native/runtime/unique_fd.h"

namespace sluice {

// While one of them is open the kernel counts the runs and the time of every program.
class Statistics : public Napi::ObjectWrap<Statistics> {
 public:
  static void register_class(Napi::Env env, Napi::Object exports);
  explicit Statistics(const Napi::CallbackInfo& info);

 private:
  void close(const Napi::CallbackInfo& info);

  UniqueFd fd_;
};

}  // namespace sluice
