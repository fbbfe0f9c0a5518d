// SPDX-License-Identifier: Apache-2.0
#include "native/system/binding.h"

#include <cstring>
#include <string>

#include "native/system/refused_call.h"

namespace sluice {
namespace {

// systemError(errno) -> [name, text] | undefined
Napi::Value system_error(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const int error = info[0].As<Napi::Number>();
  const char* name = strerrorname_np(error);
  if (!name) return env.Undefined();
  Napi::Array pair = Napi::Array::New(env, 2);
  pair.Set(0u, name);
  pair.Set(1u, strerrordesc_np(error));
  return pair;
}

// refuserOf(call, errno) -> 'seccomp' | 'kernel' | undefined
Napi::Value refuser(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  switch (refuser_of(info[0].As<Napi::String>(), info[1].As<Napi::Number>())) {
    case Refuser::seccomp:
      return Napi::String::New(env, "seccomp");
    case Refuser::kernel:
      return Napi::String::New(env, "kernel");
    default:
      return env.Undefined();
  }
}

}  // namespace

void register_system(Napi::Env env, Napi::Object exports) {
  exports.Set("systemError", Napi::Function::New(env, system_error));
  exports.Set("refuserOf", Napi::Function::New(env, refuser));
}

}  // namespace sluice
